//! What stands in macros.

use super::Walk;
use crate::program::Names;
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::Block;
use syn::parse::Parser;

impl Walk<'_> {
    /// A macro's arguments, as far as they are expressions or statements.
    pub(super) fn macro_(&mut self, of: &syn::Macro) -> Names {
        self.scopes.push(BTreeMap::new());
        let names = self.pieces(of.tokens.clone());
        self.scopes.pop();
        names
    }

    pub(super) fn pieces(&mut self, tokens: TokenStream) -> Names {
        if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            return self.statements(&statements);
        }
        let mut names = Names::new();
        let mut piece = TokenStream::new();
        let mut arrow = false;
        for token in tokens {
            let ends = match &token {
                TokenTree::Punct(punct) => match punct.as_char() {
                    ',' | ';' => true,
                    '=' => {
                        arrow = punct.spacing() == proc_macro2::Spacing::Joint;
                        false
                    }
                    '>' if arrow => true,
                    _ => false,
                },
                _ => false,
            };
            if !ends {
                // `=>` comes in two: what was kept of it goes again.
                piece.extend([token]);
                continue;
            }
            let whole: Vec<TokenTree> = std::mem::take(&mut piece).into_iter().collect();
            let kept = if arrow { &whole[..whole.len().saturating_sub(1)] } else { &whole[..] };
            arrow = false;
            names.extend(self.piece(kept.iter().cloned().collect()));
        }
        names.extend(self.piece(piece));
        names
    }

    pub(super) fn piece(&mut self, tokens: TokenStream) -> Names {
        match Block::parse_within.parse2(tokens) {
            Ok(statements) => self.statements(&statements),
            Err(_) => Names::new(),
        }
    }
}
