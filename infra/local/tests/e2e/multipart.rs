//! A form with files, posted to the system under test.

use crate::world::World;
use carteiro_local::Answer;

pub(crate) struct Form(carteiro_local::Form);

impl Form {
    pub(crate) fn new() -> Self {
        Self(carteiro_local::Form::new())
    }

    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        Self(self.0.field(name, value))
    }

    pub(crate) fn file(self, name: &str, file_name: &str, content_type: &str, content: &[u8]) -> Self {
        Self(self.0.file(name, file_name, content_type, content))
    }

    pub(crate) async fn post(self, world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", world.api_url());
        self.post_to(world, &url, headers).await
    }

    pub(crate) async fn post_to(self, world: &World, url: &str, headers: &[(&str, &str)]) -> Answer {
        let (content_type, body) = self.0.finish();
        let mut all = vec![("content-type", content_type.as_str())];
        all.extend_from_slice(headers);
        world.http.request("POST", url, &all, body).await.unwrap()
    }
}
