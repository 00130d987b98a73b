//! The contract of [`AuditTrail`](carteiro_core::ports::AuditTrail).

use crate::ports::Ports;
use crate::samples::{at, random, user_id};
use carteiro_core::audit::{AuditAction, AuditEntry};
use carteiro_core::ids::AuditId;
use carteiro_core::ports::AuditPage;

crate::contract! { in memory too:
    an_empty_trail_has_one_page,
    entries_are_read_the_latest_first,
    an_entry_is_never_changed,
}

fn entry(second: i64, action: AuditAction, to: &str) -> AuditEntry {
    let id = AuditId::from_random(random());
    AuditEntry { id, at: at(second), action, user: user_id(), to: to.to_owned() }
}

async fn an_empty_trail_has_one_page(ports: &Ports) {
    assert_eq!(ports.audit.page(None, 10).await, Ok(AuditPage::default()));
}

async fn entries_are_read_the_latest_first(ports: &Ports) {
    let mut made = Vec::new();
    for (second, action) in AuditAction::ALL.into_iter().enumerate() {
        // Two in each microsecond, and one without a word.
        for to in ["plan=premium", ""] {
            made.push(entry(i64::try_from(second).unwrap(), action, to));
        }
    }
    for entry in made.iter().rev() {
        ports.audit.append(entry).await.unwrap();
    }
    made.sort_by_key(AuditEntry::place);
    made.reverse();
    let (mut seen, mut before) = (Vec::new(), None);
    for pages in 1.. {
        let page = ports.audit.page(before, 3).await.unwrap();
        assert!(page.entries.len() <= 3 && pages <= 5);
        seen.extend(page.entries);
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    assert_eq!(seen, made);
    let all = ports.audit.page(None, 12).await.unwrap();
    assert_eq!((all.entries.len(), all.next), (12, None), "a page that is just full is the last");
}

async fn an_entry_is_never_changed(ports: &Ports) {
    let first = entry(1, AuditAction::Change, "plan=premium");
    ports.audit.append(&first).await.unwrap();
    ports.audit.append(&first).await.unwrap();
    ports.audit.append(&AuditEntry { to: "plan=basico".into(), ..first.clone() }).await.unwrap();
    assert_eq!(ports.audit.page(None, 10).await.unwrap().entries, [first]);
}
