//! The contract of [`Preparations`](carteiro_core::ports::Preparations).

use crate::ports::Ports;
use crate::samples::{at, random, send_id};
use carteiro_core::ids::SendId;
use carteiro_core::media::{MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;

crate::contract! { in memory too:
    every_shape_reads_back,
    a_later_preparation_replaces_an_earlier_one,
    what_is_forgotten_is_made_anew,
    the_send_itself_is_untouched,
}

fn prepared(send: SendId, shape: Shape) -> Prepared {
    Prepared {
        object: ObjectKey::outgoing(send),
        encrypted_length: 104_857_626,
        mime: "audio/ogg; codecs=opus".into(),
        key: MediaKey(random()),
        sha256: random(),
        encrypted_sha256: random(),
        length: 104_857_600,
        sidecar: Some(random::<250>().to_vec()),
        shape,
        thumbnail: Some(random::<250>().to_vec()),
    }
}

async fn every_shape_reads_back(ports: &Ports) {
    assert_eq!(ports.preparations.find(send_id()).await, Ok(None));
    for shape in [
        Shape::Image { width: 4_000, height: 3 },
        Shape::Voice { seconds: 61, waveform: [7; 64] },
        Shape::Video { seconds: Some(3), size: Some((1_920, 1_080)) },
        Shape::Video { seconds: None, size: None },
        Shape::Document,
    ] {
        let send = send_id();
        let full = prepared(send, shape);
        ports.preparations.put(send, &full, at(60)).await.unwrap();
        assert_eq!(ports.preparations.find(send).await, Ok(Some(full.clone())));
        let bare = Prepared { sidecar: None, thumbnail: None, ..full };
        ports.preparations.put(send, &bare, at(60)).await.unwrap();
        assert_eq!(ports.preparations.find(send).await, Ok(Some(bare)));
    }
}

async fn a_later_preparation_replaces_an_earlier_one(ports: &Ports) {
    let send = send_id();
    let first = prepared(send, Shape::Voice { seconds: 1, waveform: [1; 64] });
    let second = prepared(send, Shape::Document);
    ports.preparations.put(send, &first, at(60)).await.unwrap();
    ports.preparations.put(send, &second, at(60)).await.unwrap();
    assert_eq!(ports.preparations.find(send).await, Ok(Some(second)));
}

async fn what_is_forgotten_is_made_anew(ports: &Ports) {
    let (send, other) = (send_id(), send_id());
    for id in [send, other] {
        ports.preparations.put(id, &prepared(id, Shape::Document), at(60)).await.unwrap();
    }
    for _ in 0..2 {
        ports.preparations.forget(send).await.unwrap();
        assert_eq!(ports.preparations.find(send).await, Ok(None));
    }
    assert!(ports.preparations.find(other).await.unwrap().is_some());
    let again = prepared(send, Shape::Document);
    ports.preparations.put(send, &again, at(60)).await.unwrap();
    assert_eq!(ports.preparations.find(send).await, Ok(Some(again)));
}

async fn the_send_itself_is_untouched(ports: &Ports) {
    let send = crate::samples::send(crate::samples::user_id(), &crate::samples::phone(1), at(0));
    ports.sends.create(&send, at(60)).await.unwrap();
    ports.preparations.put(send.id, &prepared(send.id, Shape::Document), at(60)).await.unwrap();
    assert_eq!(ports.sends.find(send.id).await, Ok(Some(send.clone())));
    assert_eq!(ports.sends.due(at(60), 10).await.unwrap(), [send]);
}
