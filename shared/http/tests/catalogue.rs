//! shared/http/erros.md is the catalogue of error codes. `UPDATE_DOCS=1 cargo test -p carteiro-http --test catalogue` writes it anew.

#![allow(clippy::unwrap_used, reason = "the helpers of tests stand outside of the test functions")]

use carteiro_core::error::Code;
use carteiro_http::status_of;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn table() -> String {
    let mut codes = Code::ALL.to_vec();
    // Stable: within a status, the order of the catalogue.
    codes.sort_by_key(|code| status_of(*code).as_u16());
    let mut text = String::from(
        "# Códigos de erro\n\n\
         Todo erro da V2 tem a forma `{\"success\": false, \"message\", \"description\", \"code\", \"request_id\"}`. `code` é estável;\n\
         `message` diz o que houve e `description` o que fazer. Informe o `request_id` ao pedir suporte.\n\n\
         Toda resposta traz `RateLimit-Limit` (quantas requisições podem vir de uma vez), `RateLimit-Remaining` (quantas ainda\n\
         podem vir agora) e `RateLimit-Reset` (em quantos segundos todas voltam). Uma rota com credencial conta por usuário e por\n\
         grupo de rotas; as demais, e as credenciais recusadas, contam pelo endereço de origem. As respostas 429 e 503 trazem\n\
         `Retry-After`, em segundos.\n\n\
         Esta página é gerada do catálogo em `shared/core/src/error.rs`.\n\n\
         | status | `code` | `message` | o que fazer |\n|---|---|---|---|\n",
    );
    for code in codes {
        let status = status_of(code).as_u16();
        let _ = writeln!(text, "| {status} | `{code}` | {} | {} |", code.message(), code.remedy());
    }
    text
}

#[test]
fn the_documentation_has_every_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("erros.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, table()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table(), "shared/http/erros.md is not the catalogue; see the top of this test");
}

/// What stands in the Rust files below a folder, but for tests and the two files that list every code.
fn sources(folder: PathBuf) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() && name != "tests" {
            text += &sources(path);
        } else if name.ends_with(".rs") && !["tests.rs", "error.rs", "status.rs"].contains(&name) {
            text += &std::fs::read_to_string(&path).unwrap();
        }
    }
    text
}

#[test]
fn every_code_can_occur() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = sources(root.join("shared")) + &sources(root.join("functions"));
    let words: std::collections::HashSet<&str> = text.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let idle: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("{code:?}"))
        .filter(|code| !words.contains(code.as_str()))
        .collect();
    assert!(idle.is_empty(), "nothing answers with {idle:?}");
}
