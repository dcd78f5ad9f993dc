"""The JSON twin of “A history like yours”: a history in, the same object as `decidua history --json` out."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from decidua.base.errors import InputError
from decidua.base.provenance import SCHEMA_VERSION
from decidua.inference.history import answer_history
from decidua.measure.examples import example_about, example_history, example_names
from decidua.measure.history import parse_history
from decidua.measure.schema import history_schema
from decidua.web.pages import only_personal

PAGES = ()

router = APIRouter(dependencies=[Depends(only_personal)])

Mechanism = Literal["attack", "perfusion", "decidual_quality", "too_few", "marker"]
Recurrence = Literal["fading", "exchangeable"]
Frailty = Literal["log_normal", "two_class"]

BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {k: v for k, v in history_schema().items() if k != "$id"}}
        },
    }
}


@router.post(
    "/api/v1/history",
    tags=["history"],
    summary="What a history of pregnancies says",
    openapi_extra=BODY,
    responses={415: {"description": "The content is not application/json"}},
)
async def history_answer(
    request: Request,
    mechanism: Mechanism | None = None,
    recurrence: Recurrence = "fading",
    frailty: Frailty = "log_normal",
) -> Response:
    """The same object as `decidua history FILE --json`; nothing of the history is stored."""
    text = await _json_text(request)

    def written() -> str:
        structure = f"{recurrence}-{frailty}"
        answer = answer_history(parse_history(text), structure=structure, mechanism=mechanism)
        return json.dumps(answer.to_dict(), ensure_ascii=False, allow_nan=False)

    return Response(await request.app.state.pool.run(written), media_type="application/json")


@router.get("/api/v1/history/examples", tags=["history"], summary="Invented histories, as bodies to send")
def history_examples() -> dict[str, Any]:
    """The shipped examples."""
    told = [
        {"name": name, "about": example_about(name), "history": example_history(name).to_dict()}
        for name in example_names()
    ]
    return {"schema_version": SCHEMA_VERSION, "examples": told}


async def _json_text(request: Request) -> str:
    """The body as text, once it is known to be JSON: YAML, which the reader takes as well, is for files."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(415, "This address takes application/json.")
    try:
        text = (await request.body()).decode("utf-8")
        json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(field="body", value="what came", allowed="a history as JSON, in UTF-8") from None
    return text
