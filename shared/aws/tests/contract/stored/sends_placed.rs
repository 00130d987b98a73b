//! Stored sends in their places: in the line, due, scheduled, parked, in a report, and what is stored beside them.

use super::sends::{id, text, user};
use crate::ports::Ports;
use crate::samples::{at, phone, subject};
use carteiro_core::command::Alarm;
use carteiro_core::media::{MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Line, Parked};
use carteiro_core::send::{Send, Status, Step, Times, Waiting};
use jiff::civil::date;

super::stored! {
    sends_in_their_places: places_are_written, places_are_read;
    alarms: alarms_are_written, alarms_are_read;
    prepared_files: files_are_written, files_are_read;
    usage: usage_is_written, usage_is_read;
}

/// In the line, parked, scheduled, parked once its time had come, and one that is over.
fn places() -> [Send; 5] {
    let later = |seed| text(seed).at(Times { send_at: Some(at(500)), expires_at: at(900) });
    let parked = |send: Send| Send { waiting: Some(Waiting::NotConnected), ..send };
    [text(1), parked(text(2)), later(3), parked(later(4)), Send { status: Status::Cancelled, ..text(5) }]
}

async fn places_are_written(ports: &Ports) {
    for send in places() {
        let scheduled = send.send_at.map(|_| Waiting::Scheduled);
        let new = Send { status: Status::Queued, waiting: scheduled, ..send.clone() };
        ports.sends.create(&new, at(100)).await.unwrap();
        if send.waiting == Some(Waiting::NotConnected) {
            ports.sends.park(&new, Waiting::NotConnected).await.unwrap();
        }
        if send.status == Status::Cancelled {
            ports.sends.apply(send.id, &Step::Cancel, at(9)).await.unwrap();
        }
    }
}

async fn places_are_read(ports: &Ports) {
    let all = places();
    let [waits, parked, scheduled, came, _] = &all;
    for send in &all {
        assert_eq!(ports.sends.find(send.id).await, Ok(Some(send.clone())));
    }
    let reported = ports.history.page(&subject(user(), 0, 9), None, 10).await.unwrap();
    assert_eq!(reported.sends, all);
    assert_eq!(ports.sends.due(at(100), 10).await.unwrap().len(), 2);
    assert_eq!(
        ports.sends.due(at(900), 10).await.unwrap().len(),
        3,
        "one that is parked is due when it expires"
    );
    assert_eq!(ports.sends.waiting(&phone(1), Line::Open, 10).await, Ok(3));
    assert_eq!(ports.sends.waiting(&phone(1), Line::Scheduled, 10).await, Ok(1));
    assert_eq!(ports.sends.scheduled(&phone(1), at(500), 10).await, Ok(vec![scheduled.clone()]));
    let expected = vec![Parked::of(parked), Parked::of(came)];
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await, Ok(expected.clone()));
    for place in &expected {
        ports.sends.unpark(&phone(1), place).await.unwrap();
    }
    assert_eq!(ports.sends.parked(&phone(1), None, 10).await, Ok(vec![]));
    ports.sends.release(scheduled, at(501)).await.unwrap();
    assert_eq!(ports.sends.waiting(&phone(1), Line::Open, 10).await, Ok(4));
    assert_eq!(waits.status, Status::Queued);
}

fn alarms() -> Vec<Alarm> {
    vec![Alarm::of(&phone(1), at(60)), Alarm::of(&phone(2), at(61))]
}

async fn alarms_are_written(ports: &Ports) {
    for alarm in alarms() {
        ports.alarms.set(&alarm).await.unwrap();
    }
}

async fn alarms_are_read(ports: &Ports) {
    assert_eq!(ports.alarms.until(at(99), None, 10).await, Ok(alarms()));
    ports.alarms.clear(&alarms()[0]).await.unwrap();
    assert_eq!(ports.alarms.until(at(99), None, 10).await, Ok(alarms()[1..].to_vec()));
}

fn files() -> Vec<Prepared> {
    let shapes = [
        Shape::Image { width: 640, height: 480 },
        Shape::Voice { seconds: 61, waveform: [7; 64] },
        Shape::Video { seconds: Some(3), size: Some((1_920, 1_080)) },
        Shape::Video { seconds: None, size: None },
        Shape::Document,
    ];
    let prepared = |(seed, shape): (u8, Shape)| Prepared {
        object: ObjectKey::outgoing(id(seed)),
        encrypted_length: 104_857_626,
        mime: "audio/ogg; codecs=opus".into(),
        key: MediaKey([1; 32]),
        sha256: [2; 32],
        encrypted_sha256: [3; 32],
        length: 104_857_600,
        sidecar: (seed % 2 == 0).then(|| vec![4; 20]),
        thumbnail: (seed % 2 == 1).then(|| vec![5; 20]),
        shape,
    };
    (1..).zip(shapes).map(prepared).collect()
}

async fn files_are_written(ports: &Ports) {
    for (seed, file) in (1..).zip(files()) {
        ports.preparations.put(id(seed), &file, at(60)).await.unwrap();
    }
}

async fn files_are_read(ports: &Ports) {
    for (seed, file) in (1..).zip(files()) {
        assert_eq!(ports.preparations.find(id(seed)).await, Ok(Some(file)));
    }
}

async fn usage_is_written(ports: &Ports) {
    for day in [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 22)] {
        ports.usage.count(user(), day, None).await.unwrap();
    }
}

async fn usage_is_read(ports: &Ports) {
    let counted = ports.usage.counted(user(), date(2026, 11, 1), date(2026, 11, 30)).await;
    assert_eq!(counted, Ok(vec![(date(2026, 11, 21), 1), (date(2026, 11, 22), 2)]));
    assert_eq!(ports.usage.count(user(), date(2026, 11, 22), Some(2)).await, Ok(false), "its limit holds");
}
