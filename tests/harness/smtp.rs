use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use palier_tests::smtp::{Manner, Smtp};
use palier_tests::wait_for;

const MESSAGE: &str = "From: Palier <palier@example.org>\r\nTo: a@example.org\r\n\
    Subject: =?utf-8?q?Votre_lien_=C3=A0_usage_unique?=\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
    D=C3=A9but\r\n..\r\nhttps://example.org/?token=3D=\r\nabc\r\n.\r\n";

/// A client that says one line at a time.
struct Dialogue(BufReader<TcpStream>);

impl Dialogue {
    fn with(smtp: &Smtp) -> Self {
        let mut dialogue = Self(BufReader::new(TcpStream::connect(smtp.address()).unwrap()));
        assert_eq!(dialogue.answer(), "220");
        dialogue
    }

    fn say(&mut self, text: &str) -> String {
        write!(self.0.get_mut(), "{text}\r\n").unwrap();
        self.answer()
    }

    fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            if &line[3..4] == " " {
                return line[..3].to_owned();
            }
        }
    }
}

#[test]
fn a_message_is_kept_as_its_reader_sees_it() {
    let smtp = Smtp::start();
    let mut client = Dialogue::with(&smtp);
    assert_eq!(client.say("EHLO there"), "250");
    assert_eq!(client.say("MAIL FROM:<bounce@example.org> BODY=8BITMIME"), "250");
    assert_eq!(client.say("RCPT TO:<a@example.org>"), "250");
    assert_eq!(client.say("RCPT TO:<b@example.org>"), "250");
    assert_eq!(client.say("DATA"), "354");
    write!(client.0.get_mut(), "{MESSAGE}").unwrap();
    assert_eq!(client.answer(), "250");
    assert_eq!(client.say("DATA"), "503", "the next message needs its own recipients");
    assert_eq!(client.say("QUIT"), "221");

    let delivery = smtp.delivery_to("b@example.org");
    assert_eq!(delivery.from, "bounce@example.org");
    assert_eq!(delivery.to, ["a@example.org", "b@example.org"]);
    let mail = delivery.mail;
    assert_eq!(
        (mail.from, mail.to),
        (vec!["palier@example.org".into()], vec!["a@example.org".into()])
    );
    assert_eq!(mail.subject, "Votre lien à usage unique");
    assert_eq!(mail.text.replace('\r', ""), "Début\n.\nhttps://example.org/?token=abc\n");
    assert_eq!(smtp.deliveries().len(), 1);
    assert_eq!(smtp.attempts(), 1);
}

#[test]
fn it_refuses_and_defers_when_told_to() {
    let smtp = Smtp::start();
    let mut client = Dialogue::with(&smtp);
    let mut recipient = |manner| {
        smtp.behave(manner);
        client.say("MAIL FROM:<a@example.org>");
        client.say("RCPT TO:<b@example.org>")
    };
    assert_eq!(recipient(Manner::Refuses), "550");
    assert_eq!(recipient(Manner::Defers), "451");
    assert_eq!(recipient(Manner::Takes), "250");
    assert!(smtp.deliveries().is_empty());
}

#[test]
fn it_can_be_silent() {
    let smtp = Smtp::start();
    smtp.behave(Manner::Silent);
    let mut stream = TcpStream::connect(smtp.address()).unwrap();
    stream.write_all(b"EHLO there\r\n").unwrap();
    // The system lets a client in before anybody listens to it.
    let met = wait_for(Duration::from_mins(1), || (smtp.attempts() > 0).then_some(()));
    assert_eq!(met, Some(()));
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "an answer, or an end");
    assert_eq!(smtp.attempts(), 1);
}
