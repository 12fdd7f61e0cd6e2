"""What a page asks for by itself: whoever it was opened for may long have gone.

It is answered as ever while the session holds, and is neither a use of that session nor somebody's look.
"""

from starlette.requests import HTTPConnection

from triage.domain.pages import Page

NEWS = f"{Page.FLAGS}/news"
HEADER = "X-Refresh"
"""With this the script of the queue says that it is the script who asks for the page anew."""


def asks_by_itself(request: HTTPConnection) -> bool:
    """Tell whether it is a page that asks: for news of the queue, or the queue anew, and nothing else.

    Whoever opens a case has opened it, whatever the header says.
    """
    if request.scope["method"] != "GET":
        return False
    path = request.scope["path"]
    return path == NEWS or (path == Page.FLAGS and HEADER in request.headers)
