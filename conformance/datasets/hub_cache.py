"""Python's own huggingface_hub on a cache folder.

usage: hub_cache.py read CACHE REPO PATH       what the cache holds, without any network
       hub_cache.py download CACHE REPO PATH   fill the cache from HF_ENDPOINT, one file and then the snapshot

Prints JSON.
"""

import hashlib
import json
import os
import pathlib
import sys

command, cache, repo, path = sys.argv[1:]
if command == "read":
    os.environ["HF_HUB_OFFLINE"] = "1"

import huggingface_hub  # noqa: E402  (it reads the environment when imported)

offline = command == "read"
file = huggingface_hub.hf_hub_download(repo, path, repo_type="dataset", cache_dir=cache, local_files_only=offline)
snapshot = huggingface_hub.snapshot_download(repo, repo_type="dataset", cache_dir=cache, local_files_only=offline)
scanned = huggingface_hub.scan_cache_dir(cache)
json.dump(
    {
        "sha256": hashlib.sha256(pathlib.Path(file).read_bytes()).hexdigest(),
        "commit": pathlib.Path(snapshot).name,
        "files": sorted(p.relative_to(snapshot).as_posix() for p in pathlib.Path(snapshot).rglob("*") if p.is_file()),
        "repos": sorted(f"{repo.repo_type}s/{repo.repo_id}" for repo in scanned.repos),
        "warnings": [str(warning) for warning in scanned.warnings],
    },
    sys.stdout,
)
