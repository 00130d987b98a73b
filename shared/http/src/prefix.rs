//! The prefixes that paths also answer under.
//!
//! A router knows each path once, without them: with every path under every prefix it was a third of what V1's function did when it
//! started. So the prefix is left out for the router, and whatever stands behind the router sees the request as it was asked.

use crate::routes::{self, Function};
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;

/// What was asked for, while the router sees it without its prefix.
#[derive(Clone)]
struct Asked {
    uri: Uri,
    prefix: &'static str,
}

/// Leaves the prefix of a request's path out.
pub(crate) async fn leave_out(State(function): State<Function>, mut request: Request) -> Request {
    let prefix = routes::prefix_of(function, request.uri().path());
    if !prefix.is_empty()
        && let Some(uri) = without(request.uri(), prefix)
    {
        let uri = std::mem::replace(request.uri_mut(), uri);
        request.extensions_mut().insert(Asked { uri, prefix });
    }
    request
}

/// Puts back what [`leave_out`] left out. Answers the prefix.
pub(crate) fn put_back(request: &mut Request) -> &'static str {
    let Some(Asked { uri, prefix }) = request.extensions_mut().remove() else { return "" };
    *request.uri_mut() = uri;
    prefix
}

fn without(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(rest).ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    async fn seen(function: Function, path: &str) -> (String, Request) {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let request = leave_out(State(function), request).await;
        (request.uri().to_string(), request)
    }

    #[tokio::test]
    async fn the_router_sees_the_path_of_the_table_and_all_behind_it_what_was_asked() {
        for (function, asked, routed) in [
            (Function::Sends, "/api/v2/sends/abc?a=%2F", "/v2/sends/abc?a=%2F"),
            (Function::Sends, "/v1/send/text", "/v1/send/text"),
            (Function::Sends, "/api/v1/send/text", "/v1/send/text"),
            (Function::Sends, "/v1/v2/sends", "/v1/v2/sends"),
            (Function::Sends, "/api/api/v2/sends", "/api/api/v2/sends"),
            (Function::Sends, "/api/v2/numbers", "/api/v2/numbers"),
            (Function::Sessions, "/api/v1/Minha%20loja/conversas", "/Minha%20loja/conversas"),
            (Function::Sessions, "/v1/Loja/me?token=x", "/Loja/me?token=x"),
            (Function::Sessions, "/api/rotas", "/rotas"),
            (Function::Sessions, "/api/v1/me", "/v1/me"),
            (Function::Sessions, "/v1/me", "/v1/me"),
            (Function::Sessions, "/api/Loja/nada", "/api/Loja/nada"),
            (Function::Sessions, "/api//me", "/api//me"),
        ] {
            let (path, mut request) = seen(function, asked).await;
            assert_eq!(path, routed, "{asked}");
            assert_eq!(format!("{}{path}", put_back(&mut request)), asked);
            assert_eq!(request.uri(), asked);
        }
    }
}
