//! A mail as HTML, set from what its text says, so that both always say the same.
//!
//! Texts are written for people: paragraphs with a blank line between them, lists whose items begin
//! with `- `, what belongs to an item indented below it, and addresses. Those four are told apart;
//! nothing else has a meaning, and nothing a member is called can become markup.

use std::fmt::Write as _;

use crate::text::Language;

/// Mail programs know tables and inline styles, and little else.
const PAGE: &str = "margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2933;\
    font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const CARD: &str = "max-width:600px;width:100%;margin:0 auto;background:#ffffff;\
    border-top:4px solid #1f4e79;border-radius:4px";
const NAME: &str = "padding:20px 28px 0;font-size:14px;color:#52606d";
const TITLE: &str = "margin:0;padding:4px 28px 0;font-size:20px;line-height:1.3;color:#102a43";
const BODY: &str = "padding:8px 28px 24px";
const DETAIL: &str = "font-size:14px;color:#52606d";
const BUTTON: &str = "display:inline-block;padding:10px 20px;background:#1f4e79;color:#ffffff;\
    border-radius:4px;text-decoration:none;font-weight:600";

/// The page of a mail: who writes, what it is about, and what its text says.
pub(super) fn page(sender: &str, subject: &str, text: &str, language: Language) -> String {
    let (sender, title, code) = (escaped(sender), escaped(subject), language.code());
    let body = body(text, language);
    format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n</head>\n<body style=\"{PAGE}\">\n\
         <table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"{CARD}\">\n\
         <tr><td style=\"{NAME}\">{sender}</td></tr>\n\
         <tr><td><h1 style=\"{TITLE}\">{title}</h1></td></tr>\n\
         <tr><td style=\"{BODY}\">\n{body}</td></tr>\n</table>\n</body>\n</html>\n"
    )
}

/// What a text says, block by block.
fn body(text: &str, language: Language) -> String {
    let mut html = String::with_capacity(text.len().saturating_mul(2));
    for block in text.split("\n\n").map(|block| block.trim_matches('\n')) {
        if block.is_empty() {
            continue;
        }
        if let Some(url) = address(block) {
            button(&mut html, url, language);
        } else {
            lines(&mut html, block);
        }
    }
    html
}

/// A block that is an address and nothing else: what the mail wants done.
fn button(html: &mut String, url: &str, language: Language) {
    let (url, open) = (
        escaped(url),
        match language {
            Language::En => "Open",
            Language::Fr => "Ouvrir",
        },
    );
    push(html, format_args!("<p><a href=\"{url}\" style=\"{BUTTON}\">{open}</a></p>\n"));
    push(html, format_args!("<p style=\"{DETAIL};word-break:break-all\">{url}</p>\n"));
}

/// A paragraph, a list, or one and then the other.
fn lines(html: &mut String, block: &str) {
    let mut open = Open::Nothing;
    for line in block.lines() {
        if let Some(item) = line.strip_prefix("- ") {
            let between = match open {
                Open::Item => "</li>\n<li>",
                Open::Paragraph => "</p>\n<ul>\n<li>",
                Open::Nothing => "<ul>\n<li>",
            };
            push(html, format_args!("{between}{}", linked(item)));
            open = Open::Item;
        } else if line.starts_with(' ') && open == Open::Item {
            let detail = linked(line.trim_start());
            push(html, format_args!("<br><span style=\"{DETAIL}\">{detail}</span>"));
        } else {
            let between = match open {
                Open::Item => "</li>\n</ul>\n<p>",
                Open::Paragraph => "<br>\n",
                Open::Nothing => "<p>",
            };
            push(html, format_args!("{between}{}", linked(line)));
            open = Open::Paragraph;
        }
    }
    html.push_str(match open {
        Open::Item => "</li>\n</ul>\n",
        Open::Paragraph => "</p>\n",
        Open::Nothing => "",
    });
}

/// What is not closed yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Paragraph,
    Item,
}

/// A line in which addresses lead somewhere.
fn linked(line: &str) -> String {
    let words = line.split(' ').map(|word| match address(word) {
        Some(url) => {
            let url = escaped(url);
            format!("<a href=\"{url}\">{url}</a>")
        }
        None => escaped(word),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A word that is an address as a whole.
fn address(word: &str) -> Option<&str> {
    let is = (word.starts_with("https://") || word.starts_with("http://"))
        && !word.contains(char::is_whitespace);
    is.then_some(word)
}

/// A text that stands for itself in HTML, between tags as in attributes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn push(html: &mut String, more: std::fmt::Arguments<'_>) {
    // A string takes everything.
    let _infallible = html.write_fmt(more);
}
