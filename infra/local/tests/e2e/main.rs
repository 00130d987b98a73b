//! End to end: real HTTP, real queues, the real session binary, and WhatsApp played by the simulator.

mod accounts;
mod aws;
mod bad_input;
mod baileys;
mod contact;
mod cors;
mod numbers;
mod outages;
mod restart;
mod secrets;
mod sends;
mod tenant;
mod until;
mod world;
