//! shared/http/erros.md is the catalogue of error codes. `UPDATE_DOCS=1 cargo test -p carteiro-http --test catalogue` writes it anew.

use carteiro_core::error::Code;
use carteiro_http::status_of;
use std::fmt::Write;
use std::path::Path;

fn table() -> String {
    let mut codes = Code::ALL.to_vec();
    // Stable: within a status, the order of the catalogue.
    codes.sort_by_key(|code| status_of(*code).as_u16());
    let mut text = String::from(
        "# Códigos de erro\n\n\
         Todo erro da V2 tem a forma `{\"success\": false, \"message\", \"description\", \"code\", \"request_id\"}`. `code` é estável;\n\
         `message` diz o que houve e `description` o que fazer. Informe o `request_id` ao pedir suporte.\n\n\
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
