//! The contract of [`Sends`](carteiro_core::ports::Sends): sends with files.

use crate::ports::Ports;
use crate::samples::{at, phone, random, send, user_id};
use carteiro_core::ids::UploadId;
use carteiro_core::media::{Caption, FileKind, FileName, MediaUrl};
use carteiro_core::ports::Created;
use carteiro_core::send::{Content, File, Send, Source};

crate::contract! { in memory too:
    every_file_reads_back,
    the_longest_fields_are_kept,
}

async fn reads_back(ports: &Ports, file: File) {
    let send = Send { content: Content::File(file), ..send(user_id(), &phone(1), at(0)) };
    assert_eq!(ports.sends.create(&send, at(60)).await, Ok(Created::New));
    assert_eq!(ports.sends.find(send.id).await, Ok(Some(send.clone())));
    assert_eq!(ports.sends.due(at(60), 100).await.unwrap().iter().filter(|due| **due == send).count(), 1);
}

async fn every_file_reads_back(ports: &Ports) {
    let url = MediaUrl::parse("https://exemplo.com/ação.jpg?X-Amz-Signature=a%2Fb").unwrap();
    for kind in FileKind::ALL {
        for source in [Source::Url(url.clone()), Source::Upload(UploadId::from_random(random()))] {
            let (caption, name) = (Caption::parse("Olá 👋").unwrap(), FileName::sanitised("Relatório 1.pdf"));
            reads_back(ports, File { kind, source: source.clone(), caption, name }).await;
            reads_back(ports, File { kind, source, caption: None, name: None }).await;
        }
    }
}

async fn the_longest_fields_are_kept(ports: &Ports) {
    let url = format!("https://exemplo.com/{}", "a".repeat(MediaUrl::MAX_CHARS - 20));
    let file = File {
        kind: FileKind::Document,
        source: Source::Url(MediaUrl::parse(&url).unwrap()),
        caption: Caption::parse(&"👋".repeat(Caption::MAX_CHARS)).unwrap(),
        name: FileName::sanitised(&"👋".repeat(FileName::MAX_CHARS)),
    };
    reads_back(ports, file).await;
}
