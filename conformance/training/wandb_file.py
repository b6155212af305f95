"""What wandb's own reader finds in an offline run file, as JSON: header, run, every history row, and the summary."""

import json
import sys

from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal.datastore import DataStore

store = DataStore()
store.open_for_scan(sys.argv[1])
found = {"types": [], "numbers": [], "history": [], "summary": {}, "left": 0}
while (data := store.scan_data()) is not None:
    record = wandb_internal_pb2.Record()
    record.ParseFromString(data)
    kind = record.WhichOneof("record_type")
    found["types"].append(kind)
    found["numbers"].append(record.num)
    if kind == "header":
        version = record.header.version_info
        found["header"] = {"producer": version.producer, "min_consumer": version.min_consumer}
    if kind == "run":
        run = record.run
        found["run"] = {
            "id": run.run_id,
            "project": run.project,
            "name": run.display_name,
            "start": run.start_time.seconds,
            "config": {item.key: json.loads(item.value_json) for item in run.config.update},
        }
    if kind == "history":
        row = {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
        found["history"].append({"step": record.history.step.num, "row": row})
    if kind == "summary":
        found["summary"] |= {item.key: json.loads(item.value_json) for item in record.summary.update}
    # Fields that this version does not know.
    size = record.ByteSize()
    record.DiscardUnknownFields()
    found["left"] += size - record.ByteSize()

json.dump(found, sys.stdout)
