//! The contract of [`Sends`](carteiro_core::ports::Sends): a send and its steps, and the sweeps.

use crate::ports::Ports;
use crate::samples::{at, phone, send, send_id, user_id};
use carteiro_core::ports::{Applied, Created};
use carteiro_core::retention::RetentionDays;
use carteiro_core::send::{Content, Failure, RequestHash, Send, Status, Step, Text, Waiting};
use jiff::SignedDuration;
use std::sync::Arc;

crate::contract! { in memory too:
    a_send_reads_back,
    the_longest_text_is_kept,
    a_send_is_created_once,
    every_step_from_every_status,
    a_step_leaves_its_time,
    a_receipt_that_overtakes_dates_what_it_implies,
    a_failure_leaves_its_reason,
    doubled_steps_count_once,
    receipts_in_any_order_end_alike,
    steps_at_once_never_move_back,
    an_unknown_send_takes_no_step,
    the_address_is_noted,
    pending_sends_come_due,
    the_oldest_come_first,
    a_rescheduled_send_is_due_later,
    a_send_is_kept_for_longer_and_never_for_less,
    what_is_not_pending_is_never_due,
}

async fn created(ports: &Ports) -> Send {
    let send = send(user_id(), &phone(1), at(0));
    assert_eq!(ports.sends.create(&send, at(60)).await, Ok(Created::New));
    send
}

async fn status(ports: &Ports, send: &Send) -> Status {
    ports.sends.find(send.id).await.unwrap().unwrap().status
}

fn steps() -> Vec<Step> {
    let failure = Step::Fail(Failure::Refused(463));
    vec![
        Step::Take("551188887777@s.whatsapp.net".into()),
        Step::Acknowledge,
        Step::Deliver,
        Step::Read,
        failure,
        Step::Cancel,
    ]
}

/// A send brought to a status by one step.
async fn brought_to(ports: &Ports, to: Status) -> Send {
    let send = created(ports).await;
    if let Some(step) = steps().into_iter().find(|step| step.leads_to() == to) {
        assert_eq!(ports.sends.apply(send.id, &step, at(1)).await, Ok(Applied::Moved));
    }
    send
}

async fn a_send_reads_back(ports: &Ports) {
    let plain = created(ports).await;
    assert_eq!(ports.sends.find(plain.id).await, Ok(Some(plain)));
    let full = Send {
        resolved_to: Some("551188887777@s.whatsapp.net".into()),
        waiting: Some(Waiting::NotConnected),
        request: Some(RequestHash("abc".into())),
        failure: Some(Failure::NotOnWhatsApp),
        processing_at: Some(at(1)),
        sent_at: Some(at(2)),
        delivered_at: Some(at(3)),
        read_at: Some(at(4)),
        requeues: 3,
        ..send(user_id(), &phone(1), at(0))
    };
    assert_eq!(ports.sends.create(&full, at(60)).await, Ok(Created::New));
    assert_eq!(ports.sends.find(full.id).await, Ok(Some(full)));
    assert_eq!(ports.sends.find(send_id()).await, Ok(None));
}

async fn the_longest_text_is_kept(ports: &Ports) {
    let content = Content::Text(Text::parse("👋".repeat(Text::MAX_CHARS)).unwrap());
    let long = Send { content, ..send(user_id(), &phone(1), at(0)) };
    ports.sends.create(&long, at(60)).await.unwrap();
    assert!(ports.sends.find(long.id).await.unwrap().unwrap() == long);
}

async fn a_send_is_created_once(ports: &Ports) {
    let first = created(ports).await;
    let again = Send {
        content: Content::Text(Text::parse("outro".into()).unwrap()),
        queued_at: at(5),
        ..first.clone()
    };
    assert_eq!(ports.sends.create(&again, at(65)).await, Ok(Created::Existing(Box::new(first.clone()))));
    assert_eq!(ports.sends.find(first.id).await, Ok(Some(first)));

    let id = send_id();
    let tasks: Vec<_> = (0..10)
        .map(|n| {
            let (sends, send) = (Arc::clone(&ports.sends), Send { id, ..send(user_id(), &phone(1), at(n)) });
            tokio::spawn(async move { sends.create(&send, at(60)).await.unwrap() })
        })
        .collect();
    let mut new = 0;
    for task in tasks {
        new += u32::from(task.await.unwrap() == Created::New);
    }
    assert_eq!(new, 1);
}

async fn every_step_from_every_status(ports: &Ports) {
    for from in Status::ALL {
        for step in steps() {
            let send = brought_to(ports, from).await;
            let may = step.leads_to().reachable_from().contains(&from);
            let expected = if may { Applied::Moved } else { Applied::Refused(from) };
            assert_eq!(ports.sends.apply(send.id, &step, at(2)).await, Ok(expected), "{from} {step:?}");
            let after = if may { step.leads_to() } else { from };
            assert_eq!(status(ports, &send).await, after, "{from} {step:?}");
        }
    }
}

async fn a_step_leaves_its_time(ports: &Ports) {
    let send = created(ports).await;
    for (second, step) in [
        (1, Step::Take("551188887777@s.whatsapp.net".into())),
        (2, Step::Acknowledge),
        (3, Step::Deliver),
        (4, Step::Read),
    ] {
        ports.sends.apply(send.id, &step, at(second)).await.unwrap();
    }
    let expected = Send {
        status: Status::Read,
        resolved_to: Some("551188887777@s.whatsapp.net".into()),
        processing_at: Some(at(1)),
        sent_at: Some(at(2)),
        delivered_at: Some(at(3)),
        read_at: Some(at(4)),
        ..send
    };
    assert_eq!(ports.sends.find(expected.id).await, Ok(Some(expected)));
}

async fn a_receipt_that_overtakes_dates_what_it_implies(ports: &Ports) {
    let times = async |send: &Send| {
        let send = ports.sends.find(send.id).await.unwrap().unwrap();
        (send.sent_at, send.delivered_at, send.read_at)
    };
    let taken = Step::Take("551188887777@s.whatsapp.net".into());
    let send = created(ports).await;
    for (step, second) in [(&taken, 1), (&Step::Read, 5)] {
        assert_eq!(ports.sends.apply(send.id, step, at(second)).await, Ok(Applied::Moved));
    }
    assert_eq!(times(&send).await, (Some(at(5)), Some(at(5)), Some(at(5))), "what was read was delivered");
    for (late, second) in [(Step::Acknowledge, 2), (Step::Deliver, 3), (Step::Read, 9)] {
        assert_eq!(ports.sends.apply(send.id, &late, at(second)).await, Ok(Applied::Refused(Status::Read)));
    }
    assert_eq!(times(&send).await, (Some(at(5)), Some(at(5)), Some(at(5))), "late receipts change nothing");

    let send = created(ports).await;
    for (step, second) in [(taken, 1), (Step::Acknowledge, 2), (Step::Read, 5)] {
        assert_eq!(ports.sends.apply(send.id, &step, at(second)).await, Ok(Applied::Moved));
    }
    assert_eq!(times(&send).await, (Some(at(2)), Some(at(5)), Some(at(5))), "a time that is known stays");
}

async fn a_failure_leaves_its_reason(ports: &Ports) {
    for failure in [Failure::Expired, Failure::Refused(479)] {
        let send = created(ports).await;
        ports.sends.apply(send.id, &Step::Fail(failure.clone()), at(1)).await.unwrap();
        let failed = ports.sends.find(send.id).await.unwrap().unwrap();
        assert_eq!((failed.status, failed.failure), (Status::Failed, Some(failure)));
    }
}

async fn doubled_steps_count_once(ports: &Ports) {
    let send = created(ports).await;
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let sends = Arc::clone(&ports.sends);
            tokio::spawn(async move {
                sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap()
            })
        })
        .collect();
    let mut moved = 0;
    for task in tasks {
        match task.await.unwrap() {
            Applied::Moved => moved += 1,
            other => assert_eq!(other, Applied::Refused(Status::Processing)),
        }
    }
    assert_eq!(moved, 1);
}

async fn receipts_in_any_order_end_alike(ports: &Ports) {
    let orders: [&[Step]; 4] = [
        &[Step::Read, Step::Deliver, Step::Acknowledge],
        &[Step::Deliver, Step::Acknowledge, Step::Read],
        &[Step::Acknowledge, Step::Read, Step::Deliver, Step::Read],
        &[
            Step::Take("551188887777@s.whatsapp.net".into()),
            Step::Deliver,
            Step::Deliver,
            Step::Read,
            Step::Take("551188887777@s.whatsapp.net".into()),
        ],
    ];
    for order in orders {
        let send = created(ports).await;
        for step in order {
            ports.sends.apply(send.id, step, at(1)).await.unwrap();
        }
        assert_eq!(status(ports, &send).await, Status::Read, "{order:?}");
    }
}

async fn steps_at_once_never_move_back(ports: &Ports) {
    let send = created(ports).await;
    let steps =
        [Step::Take("551188887777@s.whatsapp.net".into()), Step::Acknowledge, Step::Deliver, Step::Read];
    let tasks: Vec<_> = steps
        .iter()
        .cycle()
        .take(20)
        .cloned()
        .map(|step| {
            let sends = Arc::clone(&ports.sends);
            tokio::spawn(async move { sends.apply(send.id, &step, at(1)).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(status(ports, &send).await, Status::Read);
}

async fn an_unknown_send_takes_no_step(ports: &Ports) {
    for step in steps() {
        assert_eq!(ports.sends.apply(send_id(), &step, at(1)).await, Ok(Applied::Unknown));
    }
}

async fn the_address_is_noted(ports: &Ports) {
    let send = created(ports).await;
    ports.sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    let resolved = ports.sends.find(send.id).await.unwrap().unwrap();
    assert_eq!(resolved.resolved_to.as_deref(), Some("551188887777@s.whatsapp.net"));
}

async fn pending_sends_come_due(ports: &Ports) {
    let send = created(ports).await;
    assert_eq!(ports.sends.due(at(59), 10).await, Ok(vec![]));
    assert_eq!(ports.sends.due(at(60), 10).await, Ok(vec![send.clone()]));
    ports.sends.apply(send.id, &Step::Take("551188887777@s.whatsapp.net".into()), at(1)).await.unwrap();
    assert_eq!(ports.sends.due(at(61), 10).await.unwrap().len(), 1, "a taken send is swept as well");
    assert_eq!(ports.sends.due(at(61), 0).await, Ok(vec![]));
}

async fn the_oldest_come_first(ports: &Ports) {
    let user = user_id();
    let mut expected = Vec::new();
    for n in 0..30 {
        let send = send(user, &phone(1), at(n));
        // Not in the order of their ids, nor in that of their acceptance.
        ports.sends.create(&send, at(1_000 + (n * 7) % 30)).await.unwrap();
        expected.push(((n * 7) % 30, send.id));
    }
    expected.sort();
    let due: Vec<_> = ports.sends.due(at(2_000), 100).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(due, expected.iter().map(|(_, id)| *id).collect::<Vec<_>>());
    let first: Vec<_> = ports.sends.due(at(2_000), 7).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(first, due[..7]);
    assert_eq!(ports.sends.due(at(1_009), 100).await.unwrap().len(), 10);
}

async fn a_send_is_kept_for_longer_and_never_for_less(ports: &Ports) {
    let send = created(ports).await.kept_for(RetentionDays::MIN, None);
    let send = Send { id: send_id(), ..send };
    ports.sends.create(&send, at(60)).await.unwrap();
    let longer = send.kept_until + SignedDuration::from_hours(1);
    for (until, kept) in [(longer, longer), (send.kept_until, longer)] {
        ports.sends.keep(send.id, until).await.unwrap();
        assert_eq!(ports.sends.find(send.id).await, Ok(Some(Send { kept_until: kept, ..send.clone() })));
    }
    let unknown = send_id();
    ports.sends.keep(unknown, longer).await.unwrap();
    assert_eq!(ports.sends.find(unknown).await, Ok(None));
}

async fn a_rescheduled_send_is_due_later(ports: &Ports) {
    let send = created(ports).await;
    ports.sends.reschedule(send.id, at(900), false).await.unwrap();
    assert_eq!(ports.sends.due(at(899), 10).await, Ok(vec![]));
    ports.sends.reschedule(send.id, at(600), true).await.unwrap();
    let due = ports.sends.due(at(600), 10).await.unwrap();
    assert_eq!(due, [Send { requeues: 1, ..send }]);
    let unknown = send_id();
    ports.sends.reschedule(unknown, at(600), true).await.unwrap();
    assert_eq!(ports.sends.find(unknown).await, Ok(None));
}

async fn what_is_not_pending_is_never_due(ports: &Ports) {
    for step in steps().into_iter().filter(|step| !step.leads_to().is_pending()) {
        let send = created(ports).await;
        ports.sends.apply(send.id, &step, at(1)).await.unwrap();
        let before = ports.sends.find(send.id).await.unwrap();
        ports.sends.reschedule(send.id, at(60), true).await.unwrap();
        assert_eq!(ports.sends.find(send.id).await.unwrap(), before, "nothing changed");
        assert_eq!(ports.sends.due(at(9_999), 10).await, Ok(vec![]), "{step:?}");
    }
}
