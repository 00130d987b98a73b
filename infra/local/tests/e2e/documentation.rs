//! The document of the API and its page.

use crate::world::World;

#[tokio::test]
async fn the_document_and_the_page_are_served() {
    let world = World::start().await;
    for prefix in ["", "/api"] {
        let document = world.call("GET", &format!("{prefix}/openapi.json"), &[], None).await;
        assert_eq!((document.status, document.json()["openapi"].as_str()), (200, Some("3.1.0")));
        let page = world.call("GET", &format!("{prefix}/docs"), &[], None).await;
        assert!(page.status == 200 && page.text().contains("swagger-ui-bundle.js"));
        for file in ["swagger-ui.css", "swagger-ui-bundle.js", "start.js", "favicon-32x32.png"] {
            let answer = world.call("GET", &format!("{prefix}/docs/{file}"), &[], None).await;
            assert!(answer.status == 200 && !answer.body.is_empty(), "{file}");
        }
    }
    world.stop().await;
}
