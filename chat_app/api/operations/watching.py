"""For those who run the server: whether it lives, whether it is ready, and its figures."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from chat_app.api.http.guarded_route import GuardedRoute, KeyRoute, services_of
from chat_app.api.http.responses import FIGURES, READY
from chat_app.api.security.addresses import is_on_this_machine
from chat_app.api.security.authentication import ANYONE, ApiCaller


class _OpenRoute(GuardedRoute):
    """Admits everybody: what it says is no secret, and costs no more than one short transaction."""

    async def admit(self, request: Request) -> Request:
        return request


class _FiguresRoute(KeyRoute):
    """Admits whoever has a key, or is on this machine."""

    def identify(self, request: Request) -> ApiCaller:
        return ApiCaller(ANYONE) if is_on_this_machine(request) else super().identify(request)


health = APIRouter(prefix="/health", route_class=_OpenRoute)
figures = APIRouter(route_class=_FiguresRoute)


@health.get("/live")
async def live() -> dict[str, bool]:
    """Whether the server runs. If it doesn't answer, start it again."""
    return {"live": True}


@health.get("/ready", responses=READY)
async def ready(request: Request) -> Response:
    """Whether it can answer questions and store the answers: 200, or 503 with what fails."""
    services = services_of(request)
    state = await services.readiness.check()
    is_ready = all(state.values())
    model = "demo" if services.settings.is_demo else "configured"
    return JSONResponse({"ready": is_ready, **state, "model": model}, 200 if is_ready else 503)


@figures.get("/metrics", response_class=PlainTextResponse, responses=FIGURES)
async def metrics(request: Request) -> Response:
    """Answers by outcome, times, tokens, open streams and refusals, for Prometheus."""
    services = services_of(request)
    return Response(services.metrics.text(), media_type=services.metrics.content_type)
