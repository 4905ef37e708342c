"""The morning report inside Airflow: behind its login, with forms for those who may trigger its runs.

Airflow does not guard what a plugin serves, so every address here asks for the user itself, by cookie or token.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, get_user, requires_access_dag
from airflow.configuration import conf
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from fastapi import Depends, FastAPI, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from cities import home, read_city
from dags.steps import delivery_id_of
from reports.answer_page import ANSWERS, answer_bar, answer_page, no_report_page
from reports.serving import HEADERS, NOTHING_ELSE, served
from reports.site import read_published
from reports.words import LANGUAGES

POLICY = f"default-src 'none'; style-src 'unsafe-inline'; {NOTHING_ELSE}"
FORMS = POLICY.replace("form-action 'none'", "form-action 'self'")

may_trigger = requires_access_dag("POST", DagAccessEntity.RUN, "report")
may_read_run = requires_access_dag("GET", DagAccessEntity.RUN)

app = FastAPI(title="Morning report", docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/", dependencies=[Depends(get_user)])
def open_report(request: Request) -> Response:
    """Lead to Today in the browser's language."""
    return RedirectResponse(f"site/{_language(request)}/index.html")


@app.get("/site/{path:path}")
def read_page(path: str, request: Request, user: GetUserDep) -> Response:
    """Give a file of the published site, with a way to the forms for those who may use them."""
    found = served(home() / "site", path)
    if found is None:
        raise HTTPException(404, "not found")
    content, language = found.content, path.split("/")[0]
    if language in LANGUAGES and path.endswith(".html") and _may_answer(request, user):
        up = "../" * path.count("/")
        link = Markup('<p class="w"><a href="{}answers/{}">{}</a></p>').format(up, language, answer_bar(language))
        content = content.replace(b"</nav>", b"</nav>" + link.encode(), 1)
    return Response(content, headers=found.headers)


@app.get("/run/{dag_id}/{run_id:path}", dependencies=[Depends(may_read_run)])
def open_run(dag_id: str, run_id: str, request: Request) -> Response:
    """Lead to the page of a run: of its own report, or of the first one made after it."""
    with create_session() as session:
        run = session.query(DagRun).filter_by(dag_id=dag_id, run_id=run_id).one_or_none()
        instant = run and (run.logical_date if run.run_type == "manual" and run.logical_date else run.run_after)
    language = _language(request)
    page = _page_of(delivery_id_of(instant), language) if instant else None
    if page is None:
        return HTMLResponse(no_report_page(language), 404, headers={**HEADERS, "Content-Security-Policy": POLICY})
    up = "../" * (request.url.path.partition("/run/")[2].count("/") + 1)
    return RedirectResponse(f"{up}site/{page}")


def _page_of(delivery_id: str, language: str) -> str | None:
    runs = sorted(place.name for place in (home() / "site" / "runs").glob("*") if place.name >= delivery_id)
    if not runs:
        return None
    own = f"{language}/runs/{runs[0]}.html"
    return own if (home() / "site" / own).exists() else f"runs/{runs[0]}/{language}/index.html"


@app.get("/answers/{language}", dependencies=[Depends(may_trigger)])
def read_forms(language: str, kept: str | None = None) -> Response:
    """Give the forms."""
    return _forms(language, 200, kept=kept)


@app.post("/answers/{language}", dependencies=[Depends(may_trigger)])
def keep_answer(
    language: str,
    request: Request,
    user: GetUserDep,
    action_key: Annotated[str, Form()],
    said: Annotated[str, Form()],
    note: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
    due: Annotated[str, Form()] = "",
) -> Response:
    """Keep what a person says of an action, as `civiclake action` does."""
    from lake.action_answers import answer_action
    from lake.errors import ActionError

    if not _is_same_origin(request):
        raise HTTPException(403, "this form was sent from another site")
    try:
        day = date.fromisoformat(due) if due else None
        if said not in ANSWERS:
            raise ActionError(f"{said[:20]!r} is no answer")
        answer_action(read_city(), action_key, said, user.get_name(), note, to, day)  # type: ignore[arg-type]
    except (ActionError, ValueError) as error:
        return _forms(language, 400, problem=str(error))
    return RedirectResponse(f"{language}?kept={said}", status_code=303)


def _forms(language: str, status: int, **told: Any) -> Response:
    from lake.action_lists import open_actions

    if language not in LANGUAGES:
        raise HTTPException(404, "not found")
    page = answer_page(open_actions(), read_published(home() / "site"), language, **told)
    return HTMLResponse(page, status, headers={**HEADERS, "Content-Security-Policy": FORMS})


def _may_answer(request: Request, user: Any) -> bool:
    try:
        may_trigger(request, user)
    except HTTPException:
        return False
    return True


def _is_same_origin(request: Request) -> bool:
    """Whether a page of this server sent a form; a token in the request's head no other site's page can add."""
    if request.headers.get("Authorization", "").lower().startswith("bearer "):
        return True
    sender = urlsplit(request.headers.get("Origin", "")).netloc
    own = {request.headers.get("Host", ""), urlsplit(conf.get("api", "base_url", fallback="")).netloc}
    return bool(sender) and sender in own and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _language(request: Request) -> str:
    """Return the language of the site that a browser names first."""
    wanted = [part.strip()[:2].lower() for part in request.headers.get("Accept-Language", "").split(",")]
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])
