//! Prepared files, in `sends`: pk `SEND#<send>`, sk `MEDIA`. An item has some kilobytes: a thumbnail, and for audio and video a
//! sidecar of 10 bytes for each 64 KiB.
//!
//! | access | request | units |
//! |---|---|---|
//! | put | PutItem | 1 write for each KB |
//! | find | GetItem | 1 read for each 4 KB |
//! | forget | DeleteItem | 1 write for each KB |

use super::item::{Damaged, Item, b, n, s, ttl};
use super::sends::keys::pk;
use super::table::{Read, Table};
use super::write::Write;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use carteiro_core::ids::SendId;
use carteiro_core::media::{MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Preparations, Unavailable};
use jiff::Timestamp;

/// Prepared files in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoPreparations {
    table: Table,
}

impl DynamoPreparations {
    /// Prepared files in the table `sends` of that name.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { table: Table::new(client, table) }
    }
}

const SK: &str = "MEDIA";

fn item(send: SendId, prepared: &Prepared, until: Timestamp) -> Item {
    let item = Item::new(pk(send), SK)
        .with("object", s(prepared.object.as_str()))
        .with("encrypted_length", n(prepared.encrypted_length))
        .with("mime", s(&prepared.mime))
        .with("media_key", b(prepared.key.0))
        .with("sha256", b(prepared.sha256))
        .with("encrypted_sha256", b(prepared.encrypted_sha256))
        .with("length", n(prepared.length))
        .with_some("sidecar", prepared.sidecar.as_ref().map(|bytes| b(bytes.as_slice())))
        .with_some("thumbnail", prepared.thumbnail.as_ref().map(|bytes| b(bytes.as_slice())))
        .with("ttl", ttl(until));
    match &prepared.shape {
        Shape::Image { width, height } => {
            item.with("shape", s("image")).with("width", n(*width)).with("height", n(*height))
        }
        Shape::Voice { seconds, waveform } => item
            .with("shape", s("voice"))
            .with("seconds", n(*seconds))
            .with("waveform", b(waveform.as_slice())),
        Shape::Video { seconds, size } => item
            .with("shape", s("video"))
            .with_some("seconds", seconds.map(n))
            .with_some("width", size.map(|(width, _)| n(width)))
            .with_some("height", size.map(|(_, height)| n(height))),
        Shape::Document => item.with("shape", s("document")),
    }
}

fn prepared(item: &Item) -> Result<Prepared, Damaged> {
    Ok(Prepared {
        object: ObjectKey::from_stored(item.text("object")?.to_owned()),
        encrypted_length: item.number("encrypted_length")?,
        mime: item.text("mime")?.to_owned(),
        key: MediaKey(array(item, "media_key")?),
        sha256: array(item, "sha256")?,
        encrypted_sha256: array(item, "encrypted_sha256")?,
        length: item.number("length")?,
        sidecar: some_bytes(item, "sidecar")?,
        shape: shape(item)?,
        thumbnail: some_bytes(item, "thumbnail")?,
    })
}

fn shape(item: &Item) -> Result<Shape, Damaged> {
    Ok(match item.text("shape")? {
        "image" => Shape::Image { width: item.number("width")?, height: item.number("height")? },
        "voice" => Shape::Voice { seconds: item.number("seconds")?, waveform: array(item, "waveform")? },
        "video" => {
            let (width, height) = (item.some_number("width")?, item.some_number("height")?);
            Shape::Video { seconds: item.some_number("seconds")?, size: width.zip(height) }
        }
        "document" => Shape::Document,
        _ => return Err(Damaged("shape")),
    })
}

fn array<const N: usize>(item: &Item, name: &'static str) -> Result<[u8; N], Damaged> {
    item.bytes(name)?.try_into().map_err(|_| Damaged(name))
}

fn some_bytes(item: &Item, name: &'static str) -> Result<Option<Vec<u8>>, Damaged> {
    match item.0.contains_key(name) {
        true => item.bytes(name).map(|bytes| Some(bytes.to_vec())),
        false => Ok(None),
    }
}

#[async_trait]
impl Preparations for DynamoPreparations {
    async fn put(&self, send: SendId, prepared: &Prepared, until: Timestamp) -> Result<(), Unavailable> {
        self.table.write(Write::put(item(send, prepared, until))).await?;
        Ok(())
    }

    async fn find(&self, send: SendId) -> Result<Option<Prepared>, Unavailable> {
        let item = self.table.get(pk(send), SK, Read::Consistent).await?;
        Ok(item.as_ref().map(prepared).transpose()?)
    }

    async fn forget(&self, send: SendId) -> Result<(), Unavailable> {
        self.table.write(Write::delete(pk(send), SK)).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_item_is_told() {
        let send = SendId::from_random([1; 16]);
        let whole = Prepared {
            object: ObjectKey::outgoing(send),
            encrypted_length: 26,
            mime: "application/pdf".into(),
            key: MediaKey([1; 32]),
            sha256: [2; 32],
            encrypted_sha256: [3; 32],
            length: 10,
            sidecar: None,
            shape: Shape::Document,
            thumbnail: None,
        };
        let item = item(send, &whole, Timestamp::UNIX_EPOCH);
        assert_eq!(prepared(&item), Ok(whole));
        for name in ["object", "media_key", "sha256", "length", "shape"] {
            let damaged = item.clone().with(name, s("estragado")).with(name, b([1]));
            assert_eq!(prepared(&damaged), Err(Damaged(name)));
        }
    }
}
