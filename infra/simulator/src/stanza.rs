//! Small readers and builders of stanzas (binary XML nodes).

use std::time::{SystemTime, UNIX_EPOCH};

use wacore_binary::builder::NodeBuilder;
use wacore_binary::{Jid, Node, NodeContent, Server};

/// An attribute as text, empty when absent.
pub(crate) fn attr(node: &Node, key: &str) -> String {
    node.attrs.get(key).map(|value| value.as_str().into_owned()).unwrap_or_default()
}

/// An attribute as an address.
pub(crate) fn jid_attr(node: &Node, key: &str) -> Option<Jid> {
    node.attrs.get(key).and_then(|value| value.to_jid())
}

pub(crate) fn children(node: &Node) -> &[Node] {
    node.children().unwrap_or(&[])
}

/// A node's content as bytes, whichever way the client encoded it.
pub(crate) fn bytes(node: &Node) -> Option<Vec<u8>> {
    match &node.content {
        Some(NodeContent::Bytes(bytes)) => Some(bytes.clone()),
        Some(NodeContent::String(text)) => Some(text.as_bytes().to_vec()),
        _ => None,
    }
}

/// The server's own address. It has to go out as an address token: some clients do not read it as text.
pub(crate) fn server() -> Jid {
    Jid::new("", Server::Pn)
}

/// The result of a query.
pub(crate) fn result(id: &str, content: Vec<Node>) -> Node {
    let node = NodeBuilder::new("iq").attr("from", server()).attr("type", "result").attr("id", id);
    if content.is_empty() { node.build() } else { node.children(content).build() }
}

/// A query refused.
pub(crate) fn refusal(id: &str, code: u16, text: &'static str) -> Node {
    let error = NodeBuilder::new("error").attr("code", code.to_string()).attr("text", text).build();
    NodeBuilder::new("iq")
        .attr("from", server())
        .attr("type", "error")
        .attr("id", id)
        .children([error])
        .build()
}

/// A node with nothing but bytes in it.
pub(crate) fn leaf(tag: &'static str, content: impl Into<Vec<u8>>) -> Node {
    NodeBuilder::new(tag).bytes(content).build()
}

/// Seconds since the epoch.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Milliseconds since the epoch.
pub(crate) fn now_millis() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}

/// A number of 24 bits in three bytes, as key ids travel.
pub(crate) fn three_bytes(id: u32) -> Vec<u8> {
    id.to_be_bytes()[1..].to_vec()
}

/// The inverse of [`three_bytes`]; longer or shorter ids are read as big-endian too.
pub(crate) fn big_endian(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

/// What a stanza is, for the statistics: its tag, its kind, the tags inside; never a content.
pub(crate) fn outline(node: &Node) -> String {
    let mut text = node.tag.to_string();
    for key in ["xmlns", "type", "class"] {
        let value = attr(node, key);
        if !value.is_empty() {
            text += &format!(" {key}={value}");
        }
    }
    let mut tags: Vec<&str> = children(node).iter().map(|child| child.tag.as_ref()).collect();
    tags.dedup();
    if !tags.is_empty() {
        text += &format!(" <{}>", tags.join(","));
    }
    text
}
