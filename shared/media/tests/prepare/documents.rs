//! Documents.

use crate::opened::sent;
use carteiro_core::media::{FileKind, Shape};
use std::io::Write;

/// A zip of stored, empty files.
fn zip(names: &[&str]) -> Vec<u8> {
    let (mut files, mut directory) = (Vec::new(), Vec::new());
    for name in names {
        let offset = files.len() as u32;
        let length = (name.len() as u16).to_le_bytes();
        files.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        files.write_all(&[&length[..], &[0, 0], name.as_bytes()].concat()).unwrap();
        directory.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        directory.extend([&length[..], &[0; 12], &offset.to_le_bytes(), name.as_bytes()].concat());
    }
    let count = (names.len() as u16).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &(directory.len() as u32).to_le_bytes()].concat();
    let at = (files.len() as u32).to_le_bytes();
    [files, directory, end, at.to_vec(), vec![0, 0]].concat()
}

fn mime(file: &[u8], name: Option<&str>) -> String {
    let opened = sent(FileKind::Document, file, name).unwrap();
    assert_eq!(opened.file, file);
    assert_eq!((opened.told.shape, opened.told.thumbnail), (Shape::Document, None));
    assert_eq!(opened.told.sidecar, None);
    opened.told.mime
}

#[test]
fn bytes_tell_what_a_document_is_whatever_its_name_says() {
    let word = zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]);
    let excel = zip(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]);
    let slides = zip(&["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"]);
    for (file, expected) in [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), "application/pdf"),
        (word, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (excel, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (slides, "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        (zip(&["fotos/praia.jpg"]), "application/zip"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "image/jpeg"),
        (b"{\\rtf1\\ansi}".to_vec(), "application/rtf"),
    ] {
        assert_eq!(mime(&file, Some("planilha.csv")), expected);
    }
}

#[test]
fn a_name_helps_where_bytes_say_nothing_and_only_there() {
    for (file, name, expected) in [
        (&b"a;b\n1;2\n"[..], Some("tabela.CSV"), "text/csv"),
        (b"{\"a\": 1}", Some("dados.json"), "application/json"),
        (b"a;b\n1;2\n", Some("tabela.pdf"), "text/plain"),
        (b"a;b\n1;2\n", None, "text/plain"),
        (b"\0\x01\x02\x03", Some("modelo.bin"), "application/octet-stream"),
        (b"\0\x01\x02\x03", None, "application/octet-stream"),
        (b"\0\x01\x02\x03", Some("velho.pdf"), "application/pdf"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", Some("velho.doc"), "application/msword"),
    ] {
        assert_eq!(mime(file, name), expected, "{name:?}");
    }
}
