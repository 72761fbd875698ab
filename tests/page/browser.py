"""A headless Chromium, operated through its debugging protocol on two pipes: no package, no port.

    page = Browser()                       # raises Missing if there is no Chromium
    page.size(320, 800, dark=True)
    page.open("/path/page.html")
    page.value("document.title")           # of JavaScript, also on pages that forbid scripts of their own
    page.troubles                          # errors of the console and of the browser, and requests beyond the page and data: URLs
"""
import json
import os
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
SECONDS = 60


class Missing(Exception):
    pass


class Browser:
    def __init__(self):
        program = next((found for found in map(shutil.which, NAMES) if found), None)
        if not program:
            raise Missing("no chromium here; on Debian: apt-get install chromium")
        self.home = tempfile.TemporaryDirectory()
        to_read, self.out = os.pipe()
        self.into, to_write = os.pipe()

        def arrange():  # Chromium reads 3 and writes 4
            high = [os.dup(to_read), os.dup(to_write)]
            high = [fd if fd > 4 else os.dup(os.dup(fd)) for fd in high]
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        # The sandbox needs rights that containers and root do not have; the pages are our own.
        words = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                 "--remote-debugging-pipe", f"--user-data-dir={self.home.name}", "about:blank"]
        self.process = subprocess.Popen([program] + words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        close_fds=False, preexec_fn=arrange, start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.held, self.count, self.troubles, self.session, self.loaded = b"", 0, [], None, False
        targets = self.call("Target.getTargets")["targetInfos"]
        target = next(t for t in targets if t["type"] == "page")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.out)
        os.close(self.into)
        self.home.cleanup()

    def message(self):
        end = time.monotonic() + SECONDS
        while b"\0" not in self.held:
            piece = os.read(self.into, 1 << 16)
            if not piece or time.monotonic() > end:
                raise RuntimeError("chromium has ended or does not answer")
            self.held += piece
        text, self.held = self.held.split(b"\0", 1)
        return json.loads(text)

    def see(self, event):
        method, what = event.get("method"), event.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.exceptionThrown":
            self.troubles.append(what["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled" and what["type"] in ("error", "warning", "assert"):
            self.troubles.append(str(what["args"]))
        elif method == "Log.entryAdded" and what["entry"]["level"] in ("error", "warning"):
            self.troubles.append(what["entry"]["text"])
        elif method == "Network.requestWillBeSent" and what["request"]["url"].split(":")[0] not in ("data", "file", "about"):
            self.troubles.append("asked the network for " + what["request"]["url"])

    def call(self, method, **params):
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.see(answer)

    def size(self, width, height, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def open(self, path):
        self.loaded = False
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        while not self.loaded:
            self.see(self.message())

    def value(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def picture(self, path):
        import base64
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
