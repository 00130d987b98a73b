//! The function of V1: sessions by name, what is on their numbers, and what can be done with them.

mod asked;
mod chats;
mod contacts;
mod list;
mod live;
mod me;
mod media;
mod messages;
mod name;
mod people;
mod rotas;
mod routes;
mod sends;
mod sent;
mod session;
#[cfg(test)]
mod tests;

fn main() {}
