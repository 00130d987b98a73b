//! A form with files, as `curl -F` sends it.

use crate::world::World;
use carteiro_local::Answer;

const BOUNDARY: &str = "carteiro-e2e-7f3a";

pub(crate) struct Form(Vec<u8>);

impl Form {
    pub(crate) fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn field(mut self, name: &str, value: &str) -> Self {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        self.0.extend_from_slice(part.as_bytes());
        self
    }

    pub(crate) fn file(mut self, name: &str, file_name: &str, content_type: &str, content: &[u8]) -> Self {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {content_type}\r\n\r\n"
        );
        self.0.extend_from_slice(head.as_bytes());
        self.0.extend_from_slice(content);
        self.0.extend_from_slice(b"\r\n");
        self
    }

    pub(crate) async fn post(self, world: &World, path: &str, headers: &[(&str, &str)]) -> Answer {
        let url = format!("{}{path}", world.api_url());
        self.post_to(world, &url, headers).await
    }

    pub(crate) async fn post_to(mut self, world: &World, url: &str, headers: &[(&str, &str)]) -> Answer {
        self.0.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let mut all = vec![("content-type", content_type.as_str())];
        all.extend_from_slice(headers);
        world.http.request("POST", url, &all, self.0).await.unwrap()
    }
}
