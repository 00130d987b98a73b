//! The function in its process.

use crate::routes::{App, router};
use carteiro_core::testing::{ManualClock, MemoryAccounts, MemorySecret};
use carteiro_http::testing::{Call, Reply, wide_gate};
use carteiro_http::{Authenticator, KeyRing};
use std::sync::Arc;

async fn get(path: &str) -> Reply {
    let clock: Arc<ManualClock> = Arc::default();
    let secret = MemorySecret::new(r#"{"kid":"1","key":"0123456789abcdef0123456789abcdef"}"#);
    let keys = Arc::new(KeyRing::load(Arc::new(secret), clock.clone()).await.unwrap());
    let authenticator = Authenticator::new(Arc::<MemoryAccounts>::default(), clock, keys);
    let router = router(App::new(), wide_gate(Arc::new(authenticator))).unwrap();
    Call::new("GET", path).send(&router).await
}

#[tokio::test]
async fn the_document_is_served_with_and_without_the_prefix() {
    for path in ["/openapi.json", "/api/openapi.json"] {
        let reply = get(path).await;
        assert_eq!((reply.status, reply.body["openapi"].as_str()), (200, Some("3.1.0")), "{path}");
        assert!(reply.body["paths"]["/v2/sends"]["post"]["responses"]["201"].is_object());
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_elsewhere() {
    let page = get("/docs").await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("http://") && !page.text.contains("https://") && !page.text.contains("//"));
    assert!(page.headers["content-security-policy"].as_str().unwrap().starts_with("default-src 'none'"));
    for file in page.text.split('"').filter_map(|part| part.strip_prefix("docs/")) {
        let reply = get(&format!("/docs/{file}")).await;
        assert_eq!(reply.status, 200, "{file}");
        assert!(!reply.text.is_empty(), "{file}");
    }
}

#[tokio::test]
async fn other_files_are_not_there() {
    for path in ["/docs/index.html", "/docs/..%2fCargo.toml", "/docs/swagger-ui.css.map"] {
        assert_eq!(get(path).await.body["code"], "ROUTE_NOT_FOUND", "{path}");
    }
}
