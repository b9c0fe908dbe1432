"""Checks that RLHF4J and huggingface_hub find what the other one put into the cache.

    python hub_cache.py MODEL_DIRECTORY COMMAND...        e.g. hub_cache.py tiny ./rlhf

Run by hand. Serves the directory as org/name on a local hub, then with an empty cache each time:
1. RLHF4J downloads ("COMMAND model info org/name"), huggingface_hub finds the snapshot without the network;
2. huggingface_hub downloads, RLHF4J finds it with HF_HUB_OFFLINE=1, also where only refs and the snapshot are left;
3. both download at the same time, twice.
Every file must be the same byte for byte, every blob must be named by its hash, and scan_cache_dir must have nothing to
complain about. Exit status 1 if anything differs. Written for huggingface_hub 1.33.0.
"""

import hashlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIRECTORY, COMMAND = pathlib.Path(sys.argv[1]), sys.argv[2:]
NEEDED = ["*.json", "*.safetensors", "*.jinja"]


def git_name(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        files = {f.name: f.read_bytes() for f in sorted(DIRECTORY.iterdir()) if f.is_file()}
        if path.startswith("/api/models/org/name/revision/"):
            listing = {"id": "org/name", "sha": COMMIT, "siblings": [{"rfilename": name} for name in files]}
            self.answer(200, json.dumps(listing).encode())
        elif path.startswith("/api/models/org/name/tree/"):
            tree = []
            for name, content in files.items():
                entry = {"type": "file", "path": name, "size": len(content), "oid": git_name(content)}
                if name.endswith(".safetensors"):
                    entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 1}
                tree.append(entry)
            self.answer(200, json.dumps(tree).encode())
        elif path.startswith("/org/name/resolve/") and path.split("/")[-1] in files:
            content = files[path.split("/")[-1]]
            if path.endswith(".safetensors"):
                etag = hashlib.sha256(content).hexdigest()
                if self.command == "HEAD":
                    self.answer(302, X_Repo_Commit=COMMIT, X_Linked_Etag=f'"{etag}"', X_Linked_Size=str(len(content)),
                                Location=f"/blob/{path.split('/')[-1]}")
                else:
                    self.answer(302, Location=f"/blob/{path.split('/')[-1]}")
            else:
                self.answer(200, content, X_Repo_Commit=COMMIT, ETag=f'"{git_name(content)}"')
        elif path.startswith("/blob/"):
            content = files[path.split("/")[-1]]
            self.answer(200, content, X_Repo_Commit=COMMIT, ETag=f'"{hashlib.sha256(content).hexdigest()}"')
        else:
            self.answer(404, X_Error_Code="EntryNotFound", X_Repo_Commit=COMMIT)

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


def python(code, cache, endpoint, wait=True, **variables):
    return run([sys.executable, "-c", code], cache, endpoint, wait, **variables)


def run(command, cache, endpoint, wait=True, **variables):
    environment = {**os.environ, "HF_HUB_CACHE": str(cache), "HF_ENDPOINT": endpoint, **variables}
    environment.pop("HF_TOKEN", None)
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return finished(process) if wait else process


def finished(process):
    out, err = process.communicate()
    if process.returncode:
        sys.exit(f"{process.args}: status {process.returncode}\n{out}{err}")
    return out


FIND = "import huggingface_hub as h; print(h.snapshot_download('org/name', local_files_only=True))"
SCAN = "import huggingface_hub as h; s = h.scan_cache_dir(); assert not s.warnings, s.warnings; print(len(s.repos))"
LOAD = f"import huggingface_hub as h; print(h.snapshot_download('org/name', allow_patterns={NEEDED}))"


def check(cache, endpoint):
    snapshot = pathlib.Path(python(FIND, cache, endpoint).strip())
    assert python(SCAN, cache, endpoint).strip() == "1"
    count = 0
    for pattern in NEEDED:
        for source in DIRECTORY.glob(pattern):
            assert (snapshot / source.name).read_bytes() == source.read_bytes(), source.name
            one = f"import huggingface_hub as h; print(h.hf_hub_download('org/name', '{source.name}', local_files_only=True))"
            assert python(one, cache, endpoint).strip() == str(snapshot / source.name)
            count += 1
    for blob in (cache / "models--org--name/blobs").iterdir():
        content = blob.read_bytes()
        assert blob.name in (git_name(content), hashlib.sha256(content).hexdigest()), blob.name
    return count


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    info = COMMAND + ["model", "info", "org/name"]
    with tempfile.TemporaryDirectory() as directory:
        caches = [pathlib.Path(directory, str(i)) for i in range(4)]
        shown = run(info, caches[0], endpoint)
        print(f"1. RLHF4J to huggingface_hub: {check(caches[0], endpoint)} files equal")
        python(LOAD, caches[1], endpoint)
        check(caches[1], endpoint)
        assert run(info, caches[1], "http://127.0.0.1:9", HF_HUB_OFFLINE="1") == shown
        folder = caches[1] / "models--org--name"
        for link in (folder / "snapshots" / COMMIT).iterdir():
            content = link.read_bytes()
            link.unlink()
            link.write_bytes(content)
        for name in ("blobs", "trees"):
            shutil.rmtree(folder / name, ignore_errors=True)
        assert run(info, caches[1], "http://127.0.0.1:9", HF_HUB_OFFLINE="1") == shown
        print("2. huggingface_hub to RLHF4J: found offline, also without blobs")
        for cache in caches[2:]:
            both = [run(info, cache, endpoint, False), python(LOAD, cache, endpoint, False)]
            assert finished(both[0]) == shown
            finished(both[1])
            check(cache, endpoint)
        print("3. both at a time: equal")


if __name__ == "__main__":
    main()
