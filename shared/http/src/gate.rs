//! The gate that every request goes through before its handler: who may use a route stands in the route table, and nowhere else.

use crate::answer::ApiError;
use crate::credentials::{Authenticator, Tenant, credentials};
use crate::front;
use crate::limiter::{Limiter, Standing};
use crate::operator::OperatorToken;
use crate::routes::{self, Access, Function, ROUTES, Route, Style};
use crate::story::Story;
use axum::extract::{MatchedPath, Query, Request, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use carteiro_core::error::{Code, Problem};
use carteiro_core::front::FrontKeys;
use carteiro_core::ids::UserId;
use carteiro_core::source::Source;
use std::sync::{Arc, OnceLock};

/// Lets a request through to its handler, or not:
///
/// - A tenant's route wants a good credential (401), counts the tenant against its rate (429), and wants the credential's scope
///   (403). The handler takes the [`Tenant`] as an argument.
/// - The operator's routes want the administration token (401).
/// - V1's routes take a credential in the query too; those of a session may be open ([`Gate::open`]); and HEAD is refused.
/// - All else is anyone's. What is not a tenant's, and what failed to be, is counted by the address it came from (429).
///
/// Every request is counted once, and every answer shows how its caller stands in the `RateLimit-*` headers. But what does not come
/// through the front, where there is one ([`Gate::front`]), is refused (403) before anything is asked or counted.
pub struct Gate {
    limiter: Limiter,
    authenticator: Option<Arc<Authenticator>>,
    operator: Option<OperatorToken>,
    open: Option<UserId>,
    front: Option<FrontKeys>,
}

impl Gate {
    /// A gate that knows nobody: for functions whose routes are anyone's.
    pub fn new(limiter: Limiter) -> Self {
        Self { limiter, authenticator: None, operator: None, open: None, front: None }
    }

    /// Lets tenants in.
    #[must_use]
    pub fn tenants(mut self, authenticator: Arc<Authenticator>) -> Self {
        self.authenticator = Some(authenticator);
        self
    }

    /// Lets the operator in.
    #[must_use]
    pub fn operator(mut self, token: OperatorToken) -> Self {
        self.operator = Some(token);
        self
    }

    /// Lets anyone who knows the name of a session of this tenant use it, as V1 of old did. A credential that is shown is still
    /// wanted to be good, and the list of sessions still wants one.
    #[must_use]
    pub fn open(mut self, tenant: UserId) -> Self {
        self.open = Some(tenant);
        self
    }

    /// Lets nothing on that has not come through the front, which shows one of these keys, and takes the front's word for where a request
    /// comes from. Without a front that word is not read: anyone could write it.
    #[must_use]
    pub fn front(mut self, keys: FrontKeys) -> Self {
        self.front = Some(keys);
        self
    }

    /// What it lacks to guard the routes of a function.
    pub(crate) fn lacks(&self, function: Function) -> Option<&'static str> {
        let needs = |wanted: fn(&Access) -> bool| {
            ROUTES.iter().any(|route| route.function == function && wanted(&route.access))
        };
        if self.authenticator.is_none() && needs(|access| matches!(access, Access::Tenant(_))) {
            return Some("their gate knows no tenants");
        }
        if self.operator.is_none() && needs(|access| matches!(access, Access::Operator)) {
            return Some("their gate knows no operator");
        }
        None
    }

    /// Judges a request; a tenant's carries the [`Tenant`] from then on.
    async fn judge(&self, request: &mut Request, shown: &Shown) -> Result<(), ApiError> {
        if let Some(keys) = &self.front {
            let source = front::enter(keys, request.headers_mut())?;
            request.extensions_mut().insert(source);
        }
        let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let route = path.and_then(|path| routes::find(request.method(), &path));
        // V1's GETs do things; who only looks must not make them happen.
        if request.method() == Method::HEAD && route.is_some_and(|route| route.style == Style::V1) {
            return Err(ApiError::new(Code::MethodNotAllowed));
        }
        let verdict = match route.map(|route| (route.function, route.access)) {
            Some((function, Access::Tenant(scope))) => {
                match self.tenant(request.headers(), request.uri(), route).await {
                    Ok(tenant) => {
                        let story = request.extensions_mut().get_or_insert_default::<Story>();
                        story.tenant(tenant.id);
                        shown.take(self.limiter.tenant(function, &tenant).await)?;
                        tenant.check(scope)?;
                        request.extensions_mut().insert(tenant);
                        return Ok(());
                    }
                    Err(error) => Err(error),
                }
            }
            Some((_, Access::Operator)) => match &self.operator {
                Some(token) => token.check(request.headers()).await,
                None => Err(ApiError::new(Code::OperatorOnly)),
            },
            Some((_, Access::Public)) | None => Ok(()),
        };
        let source = request.extensions().get::<Source>().copied().unwrap_or(Source::Unknown);
        shown.take(self.limiter.source(source).await)?;
        verdict
    }

    async fn tenant(
        &self,
        headers: &HeaderMap,
        uri: &Uri,
        route: Option<&Route>,
    ) -> Result<Tenant, ApiError> {
        let Some(authenticator) = &self.authenticator else {
            return Err(ApiError::new(Code::Unauthenticated));
        };
        let Some(route) = route.filter(|route| route.style == Style::V1) else {
            return authenticator.tenant(headers, None).await;
        };
        let in_query = token_of_query(uri);
        let nothing_shown = in_query.is_none() && credentials(headers).next().is_none();
        match self.open.filter(|_| nothing_shown && route.names_a_session()) {
            Some(user) => authenticator.trusted(user).await,
            None => authenticator.tenant(headers, in_query.as_deref()).await,
        }
    }
}

/// The `token` of a query, as V1's clients send it.
fn token_of_query(uri: &Uri) -> Option<String> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    let token = pairs.into_iter().find(|(name, _)| name == "token").map(|(_, token)| token);
    token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// How the caller of a request stands, from the gate to the answer's headers, whatever becomes of the request in between.
#[derive(Clone, Default)]
pub(crate) struct Shown(Arc<OnceLock<Standing>>);

impl Shown {
    /// Keeps it to be shown, and refuses the request if it is over the rate.
    fn take(&self, standing: Standing) -> Result<(), ApiError> {
        let refused_for = standing.refused_for;
        let _ = self.0.set(standing);
        match refused_for {
            Some(time) => Err(Problem::new(Code::RateLimited).retry_in(time).into()),
            None => Ok(()),
        }
    }

    pub(crate) fn standing(&self) -> Option<Standing> {
        self.0.get().copied()
    }
}

/// The gate as a layer around a router.
pub(crate) async fn pass(State(gate): State<Arc<Gate>>, mut request: Request, next: Next) -> Response {
    let shown = request.extensions_mut().get_or_insert_default::<Shown>().clone();
    match gate.judge(&mut request, &shown).await {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}
