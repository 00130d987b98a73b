//! A client without credentials.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) text: String,
}

impl Answer {
    /// A header's value; empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }
}

/// A GET of an address.
pub(crate) async fn get(url: &str) -> Answer {
    request(url, "GET", "", Vec::new()).await
}

/// Posts an HTML form with a file, which goes last.
pub(crate) async fn post_form(url: &str, fields: &[(String, String)], name: &str, file: &[u8]) -> Answer {
    const BOUNDARY: &str = "----limite7d1f";
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
    body.extend(format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: application/pdf\r\n\r\n").bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let content_type = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n");
    request(url, "POST", &content_type, body).await
}

async fn request(url: &str, method: &'static str, headers: &str, body: Vec<u8>) -> Answer {
    let (authority, path) = url.strip_prefix("http://").expect("http").split_once('/').expect("a path");
    let head = format!(
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let authority = authority.to_owned();
    tokio::task::spawn_blocking(move || exchange(&authority, &head, &body)).await.expect("an answer")
}

fn exchange(authority: &str, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(authority).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).expect("a request");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer);
    let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.trim().to_owned())).collect();
    Answer { status: status.expect("a status"), headers, text: text.to_owned() }
}
