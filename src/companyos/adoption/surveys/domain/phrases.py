"""What a letter says around a survey's own words, in each language that a survey may have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    asks: str
    scores: str
    words: str
    only_asks: str
    together: str
    unsigned: str
    stop: str


PHRASES = {
    "en": Phrases(
        "One short question",
        "Choose an answer; a page opens where you send it:",
        "Answer here:",
        "Opening a link answers nothing yet.",
        "Your answer is shown only together with at least four others.",
        "This survey is anonymous: your answer is kept apart from your name.",
        "No more letters with questions:",
    ),
    "de": Phrases(
        "Eine kurze Frage",
        "Wählen Sie eine Antwort; auf der Seite, die sich öffnet, senden Sie sie ab:",
        "Hier antworten:",
        "Ein geöffneter Link antwortet noch nicht.",
        "Ihre Antwort wird nur zusammen mit mindestens vier anderen gezeigt.",
        "Diese Umfrage ist anonym: Ihre Antwort wird getrennt von Ihrem Namen aufbewahrt.",
        "Keine Briefe mit Fragen mehr:",
    ),
    "fr": Phrases(
        "Une courte question",
        "Choisissez une réponse ; une page s'ouvre, où vous l'envoyez :",
        "Répondre ici :",
        "Ouvrir un lien ne répond encore rien.",
        "Votre réponse n'est montrée qu'avec au moins quatre autres.",
        "Cette enquête est anonyme : votre réponse est gardée à part de votre nom.",
        "Ne plus recevoir de questions par courrier :",
    ),
    "es": Phrases(
        "Una pregunta breve",
        "Elija una respuesta; se abre una página desde la que la envía:",
        "Responder aquí:",
        "Abrir un enlace todavía no responde nada.",
        "Su respuesta se muestra solo junto con al menos otras cuatro.",
        "Esta encuesta es anónima: su respuesta se guarda aparte de su nombre.",
        "No recibir más preguntas por correo:",
    ),
}
