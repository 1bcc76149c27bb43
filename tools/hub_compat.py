"""Whether `quarry pull` and Python's huggingface_hub find what the other has pulled, from a small hub on this machine.

    pip install huggingface_hub
    python3 tools/hub_compat.py        from the root of the repository
"""
import hashlib
import http.server
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

REPO = "some-org/tiny-3.0"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 1000  # bytes from which a file is behind a redirect, as Git LFS has them
FILES = {
    "README.md": b"---\nlicense: apache-2.0\n---\n# Tiny\n",
    "config.json": b'{"model_type": "granite"}',
    "tokenizer.json": b"{}",
    "model.safetensors": random.Random(1).randbytes(3_000_000),
    "gguf/tiny-Q4_0.gguf": b"GGUF" + random.Random(2).randbytes(2_000_000),
}


def tag(content):
    if len(content) >= LARGE:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, body):
        path = self.path.split("?")[0]
        resolve = f"/{REPO}/resolve/{COMMIT}/", f"/{REPO}/resolve/main/"
        if path in (f"/api/models/{REPO}{end}" for end in ("", "/revision/main", "/revision/" + COMMIT)):
            self.send(body, json.dumps({"id": REPO, "sha": COMMIT, "siblings": [self.sibling(n) for n in FILES]}))
        elif path == f"/api/models/{REPO}/tree/{COMMIT}":
            self.send(body, json.dumps([self.entry(name) for name in FILES]))
        elif path.startswith(resolve):
            self.file(body, FILES.get(path.split("/", 5)[5]))
        elif path.startswith("/store/"):
            self.send(body, next(c for c in FILES.values() if tag(c) == path[7:]))
        else:
            self.send_error(404)

    def sibling(self, name):
        content = FILES[name]
        lfs = {"lfs": {"sha256": tag(content), "size": len(content), "pointerSize": 130}}
        return {"rfilename": name, "size": len(content), "blobId": tag(content)[:40]} | (
            lfs if len(content) >= LARGE else {})

    def entry(self, name):
        content = FILES[name]
        lfs = {"lfs": {"oid": tag(content), "size": len(content), "pointerSize": 130}}
        return {"type": "file", "path": name, "size": len(content), "oid": tag(content)[:40]} | (
            lfs if len(content) >= LARGE else {})

    def file(self, body, content):
        if content is None:
            self.send_response(404)
            self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif len(content) < LARGE:
            self.send(body, content, {"ETag": f'"{tag(content)}"', "X-Repo-Commit": COMMIT})
        else:
            self.send_response(302)
            store = f"http://localhost:{self.server.server_port}/store/"  # another host than the hub's 127.0.0.1
            for key, value in {"Location": store + tag(content), "X-Linked-Etag": f'"{tag(content)}"',
                               "X-Linked-Size": len(content), "X-Repo-Commit": COMMIT, "Content-Length": 0}.items():
                self.send_header(key, str(value))
            self.end_headers()

    def send(self, body, content, headers={}):
        content = content.encode() if isinstance(content, str) else content
        start = int(self.headers["Range"].split("=")[1].split("-")[0]) if self.headers["Range"] else 0
        self.send_response(206 if self.headers["Range"] else 200)
        if self.headers["Range"]:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(content[start:])
            Hub.sent += len(content) - start

    def log_message(self, *args):
        pass

    sent = 0


PYTHON = """
import json, sys
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
repo = sys.argv[1]
folder = snapshot_download(repo, allow_patterns=json.loads(sys.argv[2]))
seen = scan_cache_dir()
print(json.dumps({
    "folder": folder,
    "config": hf_hub_download(repo, "config.json"),
    "cached": try_to_load_from_cache(repo, "model.safetensors"),
    "warnings": [str(w) for w in seen.warnings],
    "repos": [[r.repo_id, r.nb_files, sorted(r.refs)] for r in seen.repos],
}))
"""
WANTED = ["README.md", "config.json", "tokenizer.json", "model.safetensors"]


def python(env):
    done = subprocess.run([sys.executable, "-c", PYTHON, REPO, json.dumps(WANTED)], env=env, capture_output=True,
                          text=True)
    if done.returncode:
        sys.exit("huggingface_hub failed:\n" + done.stderr[-2000:])
    return json.loads(done.stdout)


def quarry(env, *arguments):
    done = subprocess.run(["./quarry", *arguments, "--json"], env=env, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"quarry {' '.join(arguments)} failed:\n" + done.stderr[-2000:])
    return json.loads(done.stdout)


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found}, expected {wanted}")
    print(f"{what}: {found}")


def layout(cache):
    """All files and links of a model's folder, without what only Python's tools keep."""
    root = pathlib.Path(cache) / ("models--" + REPO.replace("/", "--"))
    return sorted((str(p.relative_to(root)),
                   os.readlink(p) if p.is_symlink() else hashlib.sha256(p.read_bytes()).hexdigest())
                  for part in ("blobs", "refs", "snapshots") for p in (root / part).rglob("*") if not p.is_dir())


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        base = dict(os.environ, HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}", HF_HUB_DISABLE_TELEMETRY="1",
                    HF_HUB_DISABLE_XET="1", QUARRY_HOME=folder + "/quarry")
        ours, theirs = (dict(base, HF_HOME=f"{folder}/{name}") for name in ("ours", "theirs"))

        pulled = quarry(ours, "pull", REPO)
        seen = python(dict(ours, HF_HUB_OFFLINE="1"))
        expect("Python, offline, finds our snapshot", seen["folder"] == pulled["path"], True)
        expect("Python, offline, finds a file of it", seen["cached"], pulled["path"] + "/model.safetensors")
        expect("Python's scan of our cache", (seen["repos"], seen["warnings"]), ([[REPO, 4, ["main"]]], []))
        before = Hub.sent
        python(ours)
        expect("Python, online, fetches a list only", Hub.sent - before < LARGE * 3, True)

        python(theirs)
        expect("both lay out the same", layout(folder + "/theirs/hub") == layout(folder + "/ours/hub"), True)
        models = quarry(theirs, "models")
        expect("we list what Python has pulled", [[m["name"], m["licence"], m["lacks"]] for m in models],
               [[REPO, "Apache-2.0", []]])
        expect("we fetch nothing of it again", quarry(theirs, "pull", REPO)["fetchedBytes"], 0)
        expect("nor offline", quarry(dict(theirs, HF_HUB_OFFLINE="1"), "pull", REPO)["path"], models[0]["path"])
        expect("we fetch one more file", quarry(theirs, "pull", REPO + ":Q4_0")["fetchedBytes"],
               len(FILES["gguf/tiny-Q4_0.gguf"]))
        expect("and Python still reads the cache", python(dict(theirs, HF_HUB_OFFLINE="1"))["warnings"], [])


if __name__ == "__main__":
    main()
