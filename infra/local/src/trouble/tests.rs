//! The proxy, by itself.

use super::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn an_event_is_noted_whose_task_dies_before_the_answer() {
    let aws = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let to = format!("http://{}", aws.local_addr().unwrap());
    let trouble = Trouble::start(to, &Http::new(), 1).await.unwrap();
    let body = r#"{"Item":{"sk":{"S":"EVENT#1"}}}"#;
    let asked = format!(
        "POST / HTTP/1.1\r\nhost: aws\r\nx-amz-target: DynamoDB_20120810.PutItem\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut task = TcpStream::connect((Ipv4Addr::LOCALHOST, trouble.port())).await.unwrap();
    task.write_all(asked.as_bytes()).await.unwrap();
    let (mut aws, _) = timeout(LIMIT, aws.accept()).await.unwrap().unwrap();
    let mut read = Vec::new();
    while !read.ends_with(body.as_bytes()) {
        assert_ne!(timeout(LIMIT, aws.read_buf(&mut read)).await.unwrap().unwrap(), 0);
    }
    drop(task);
    // The connection's own task sees that it is gone.
    let gone = async {
        while Arc::strong_count(&trouble.inner) > 3 {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, gone).await.unwrap();
    aws.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
    let noted = async {
        while trouble.stored_events().is_empty() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, noted).await.unwrap();
}
