//! Mail with a link to sign in by. The link is made when it is mailed: until then there is nothing
//! in the database that could leak.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::app::App;
use crate::auth::Token;
use crate::auth::sign_in::{INVITATION, LINK, active, new_link};
use crate::clock::Time;
use crate::db::poles::{self, PoleRow};
use crate::db::users::{self, UserRow, UserStatus};
use crate::db::{Db, DbError};
use crate::id::{JobId, PoleId, UserId};
use crate::mail::{Delivery, Mail, Sender, Undelivered};
use crate::problem::Problem;
use crate::say;
use crate::text::Text;

/// Mails the link that somebody asked for; nothing, if nobody has the address.
pub(super) async fn link(
    app: &App,
    id: &JobId,
    pole: &PoleId,
    email: &str,
) -> Result<Delivery, Undelivered> {
    let (email, now) = (email.to_owned(), app.now());
    let find = move |conn: &mut Db, pole: &PoleId| {
        let user = users::find_by_email(conn, pole, &email)?;
        Ok(user.filter(|user| user.status == UserStatus::Active))
    };
    let found = addressee(app, pole, LINK, now, find).await?;
    let Some((user, pole, token)) = found else { return Ok(Delivery::Taken) };
    let (subject, text) = (asked_subject(&pole), asked_text(app, &pole, &token));
    let from = Sender { name: &pole.name, reply_to: None };
    let mail = Mail::new(from, (&user.email, user.language), &subject, &text);
    app.mailer.send(&mail, None, id).await
}

/// Mails a user that they have an account.
pub(super) async fn invitation(
    app: &App,
    id: &JobId,
    pole: &PoleId,
    user: &UserId,
) -> Result<Delivery, Undelivered> {
    let (user, now) = (user.clone(), app.now());
    let find = move |conn: &mut Db, pole: &PoleId| active(conn, pole, &user);
    let found = addressee(app, pole, INVITATION, now, find).await?;
    let Some((user, pole, token)) = found else { return Ok(Delivery::Taken) };
    let (subject, text) = (invited_subject(&pole), invited_text(app, &pole, &user, &token));
    let from = Sender { name: &pole.name, reply_to: None };
    let mail = Mail::new(from, (&user.email, user.language), &subject, &text);
    app.mailer.send(&mail, None, id).await
}

/// Who gets the mail, of which pole, and a new link for them.
async fn addressee(
    app: &App,
    pole: &PoleId,
    good_for: SignedDuration,
    now: Time,
    find: impl FnOnce(&mut Db, &PoleId) -> Result<Option<UserRow>, DbError> + Send + 'static,
) -> Result<Option<(UserRow, PoleRow, Token)>, String> {
    let (secret, pole) = (Arc::clone(&app.config.secret), pole.clone());
    let found = app.db.write(move |conn| -> Result<_, Problem> {
        let (user, pole) = (find(conn, &pole)?, poles::find(conn, pole.as_str())?);
        let Some((user, pole)) = user.zip(pole) else { return Ok(None) };
        let token = new_link(conn, &secret, &user, good_for, now)?;
        Ok(Some((user, pole, token)))
    });
    found.await.map_err(|problem| problem.to_string())
}

/// Where the link leads: the page of the front end, or to nowhere but the token itself. Behind the
/// `#` it stays in the browser, and in no server's log.
fn way_in(app: &App, pole: &PoleRow, token: &Token) -> String {
    let token = token.reveal();
    match &app.config.sign_in_url {
        Some(url) => format!("{url}#pole={}&token={token}", pole.code),
        None => token.to_owned(),
    }
}

fn asked_subject(pole: &PoleRow) -> Text {
    let name = &pole.name;
    say!(en "Your sign-in link for {name}", fr "Votre lien de connexion à {name}")
}

fn asked_text(app: &App, pole: &PoleRow, token: &Token) -> Text {
    let (name, way, minutes) = (&pole.name, way_in(app, pole, token), LINK.as_mins());
    say!(
        en "Hello,\n\nThis signs you in to {name}, once, within {minutes} minutes:\n\n{way}\n\n\
            If you did not ask for it, ignore this message: without it nobody gets in.\n",
        fr "Bonjour,\n\nVoici de quoi vous connecter à {name}, une seule fois, dans les {minutes} \
            minutes :\n\n{way}\n\nSi vous n’avez rien demandé, ignorez ce message : sans lui, \
            personne n’entre.\n",
    )
}

fn invited_subject(pole: &PoleRow) -> Text {
    let name = &pole.name;
    say!(en "Your account at {name}", fr "Votre compte à {name}")
}

fn invited_text(app: &App, pole: &PoleRow, user: &UserRow, token: &Token) -> Text {
    let (name, way, email) = (&pole.name, way_in(app, pole, token), &user.email);
    let days = INVITATION.as_hours() / 24;
    say!(
        en "Hello,\n\nYou now have an account at {name}, under the address {email}.\n\nThis signs \
            you in, once, within {days} days; you can then choose a password:\n\n{way}\n\n\
            Later, ask for a new link whenever you need one.\n",
        fr "Bonjour,\n\nVous avez désormais un compte à {name}, sous l’adresse {email}.\n\nVoici \
            de quoi vous connecter, une seule fois, dans les {days} jours ; vous pourrez alors \
            choisir un mot de passe :\n\n{way}\n\nPar la suite, demandez un nouveau lien quand il \
            vous en faudra un.\n",
    )
}
