"""Health checks for orchestrators and load balancers, and metrics for Prometheus."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from chat_app.api.http.response_schemas import METRICS, READY
from chat_app.api.http.route_classes import GuardedRoute, KeyRoute, services_of
from chat_app.api.security.authentication import ANYONE, ApiCaller
from chat_app.api.security.client_address import is_local_client


class _PublicRoute(GuardedRoute):
    """Admits every request: a health check reveals nothing and costs one short transaction at most."""

    async def admit(self, request: Request) -> Request:
        return request


class _MetricsRoute(KeyRoute):
    """Requires an API key, except from this machine."""

    def authenticate(self, request: Request) -> ApiCaller:
        return ApiCaller(ANYONE) if is_local_client(request) else super().authenticate(request)


health_router = APIRouter(prefix="/health", route_class=_PublicRoute)
metrics_router = APIRouter(route_class=_MetricsRoute)


@health_router.get("/live")
async def live() -> dict[str, bool]:
    """Liveness: the server runs. Restart it if there is no response."""
    return {"live": True}


@health_router.get("/ready", responses=READY)
async def ready(request: Request) -> Response:
    """Readiness: 200 if questions can be answered and the answers stored, or 503 with the parts that fail."""
    services = services_of(request)
    state = await services.readiness.check()
    is_ready = all(state.values())
    model = "demo" if services.settings.is_demo else "configured"
    return JSONResponse({"ready": is_ready, **state, "model": model}, 200 if is_ready else 503)


@metrics_router.get("/metrics", response_class=PlainTextResponse, responses=METRICS)
async def metrics(request: Request) -> Response:
    """Answers by outcome, durations, tokens, open streams and refused requests, in Prometheus' text format."""
    services = services_of(request)
    return Response(services.metrics.text(), media_type=services.metrics.content_type)
