"""Encode and decode with the official SDK's own converters.

stdin: {"requests": [JSON bodies of forward_backward], "encoded_requests": [hex], "outputs": [hex], "samples": [hex]}
stdout: the SDK's version; per request the SDK's bytes, and whether the bytes of `encoded_requests` are the same message; per output
and sample what the SDK reads from it; and results that only a server writes (bfloat16, int32, ragged rows), encoded and as read.
"""

import json
import sys

import numpy as np
import tinker
from tinker import types
from tinker.proto import tinker_public_pb2 as pb
from tinker.proto.request_conv import forward_backward_request_to_proto
from tinker.proto.response_conv import deserialize_forward_backward_output, deserialize_sample_response
from tinker.types.forward_backward_input import ForwardBackwardInput
from tinker.types.forward_backward_request import ForwardBackwardRequest


def to_message(body: dict) -> pb.ForwardBackwardRequest:
    """The message that the SDK sends for a JSON body."""
    forward_only = "forward_input" in body
    source = body["forward_input"] if forward_only else body["forward_backward_input"]
    data = [
        types.Datum(
            model_input=types.ModelInput(
                chunks=[types.EncodedTextChunk(tokens=chunk["tokens"]) for chunk in datum["model_input"]["chunks"]]
            ),
            loss_fn_inputs={name: types.TensorData(**tensor) for name, tensor in datum["loss_fn_inputs"].items()},
        )
        for datum in source["data"]
    ]
    request = ForwardBackwardRequest(
        forward_backward_input=ForwardBackwardInput(
            data=data, loss_fn=source["loss_fn"], loss_fn_config=source.get("loss_fn_config")
        ),
        model_id=body["model_id"],
        seq_id=body["seq_id"],
    )
    message = forward_backward_request_to_proto(request)
    message.forward_only = forward_only
    return message


def read_output(data: bytes) -> dict:
    output = deserialize_forward_backward_output(data)
    return {
        "loss_fn_outputs": [
            {name: [tensor.dtype, list(tensor.shape), [float(x) for x in tensor.data]] for name, tensor in row.items()}
            for row in output.loss_fn_outputs
        ],
        "metrics": output.metrics,
    }


def read_sample(data: bytes) -> dict:
    response = deserialize_sample_response(data)
    return {
        "sequences": [
            [sequence.stop_reason, list(sequence.tokens), sequence.logprobs, sequence.topk_logprobs]
            for sequence in response.sequences
        ],
        "prompt_logprobs": response.prompt_logprobs,
        "topk_prompt_logprobs": response.topk_prompt_logprobs,
        "prompt_cache_hit_tokens": response.prompt_cache_hit_tokens,
    }


def server_only_output() -> bytes:
    """Two records: bfloat16 and int32 rows of width 2, then float32 rows without a width."""
    message = pb.ForwardBackwardOutput(loss_fn_output_type="losses:ArrayRecord", metrics={"loss:sum": 2.0})
    wide = message.loss_fn_outputs.add(num_datums=2)
    half = (np.array([1.5, -2.0, 0.25, 3.0], dtype=np.float32).view(np.uint32) >> 16).astype(np.uint16)
    offsets = np.array([0, 4, 8], dtype=np.int64).tobytes()
    wide.fields["a"].CopyFrom(
        pb.BatchedTensor(data=half.tobytes(), offsets=offsets, dtype=pb.DTYPE_BFLOAT16, trailing_shape=[2])
    )
    whole = np.array([1, -2, 3, 4], dtype=np.int32)
    offsets = np.array([0, 8, 16], dtype=np.int64).tobytes()
    wide.fields["b"].CopyFrom(
        pb.BatchedTensor(data=whole.tobytes(), offsets=offsets, dtype=pb.DTYPE_INT32, trailing_shape=[2])
    )
    flat = message.loss_fn_outputs.add(num_datums=1)
    offsets = np.array([0, 12], dtype=np.int64).tobytes()
    for name in ("a", "b"):
        data = np.array([1, 2, 3], dtype=np.float32).tobytes()
        flat.fields[name].CopyFrom(pb.BatchedTensor(data=data, offsets=offsets, dtype=pb.DTYPE_FLOAT32))
    return message.SerializeToString(deterministic=True)


task = json.load(sys.stdin)
messages = [to_message(body) for body in task["requests"]]
server_only = server_only_output()
json.dump(
    {
        "version": tinker.__version__,
        "requests": [message.SerializeToString(deterministic=True).hex() for message in messages],
        "same": [
            pb.ForwardBackwardRequest.FromString(bytes.fromhex(data)) == message
            for data, message in zip(task["encoded_requests"], messages, strict=True)
        ],
        "outputs": [read_output(bytes.fromhex(data)) for data in task["outputs"]],
        "samples": [read_sample(bytes.fromhex(data)) for data in task["samples"]],
        "server_only": {"hex": server_only.hex(), "read": read_output(server_only)},
    },
    sys.stdout,
)
