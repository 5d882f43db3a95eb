import type { Catalogue } from "./index.js";

/** French. */
const fr: Catalogue = {
  language: "fr",
  sentences: {
    required: "Remplissez ce champ.",
    null: "Ce champ ne peut pas rester vide.",
    type: "Cela ne convient pas ici.",
    "type.string": "Saisissez un texte.",
    "type.boolean": "Choisissez oui ou non.",
    "type.object": "Saisissez un objet entre accolades, comme {}.",
    "type.strings": "Saisissez un texte par ligne.",
    enum: "Un seul de ces textes est possible ici : {values}.",
    uuid: "Saisissez un identifiant, comme 919108f7-52d1-4320-9bac-f847db4148a8.",
    date: "Saisissez un jour qui existe, comme 2000-02-29.",
    timestamp: "Saisissez une date, une heure et un décalage, comme 2024-01-02T03:04:05Z.",
    timezone: "Saisissez le nom d’un fuseau horaire, comme America/Chicago.",
    suggestion: "Vouliez-vous dire {suggestion} ?",
    line: "Ligne {line} : {sentence}",

    theirs: "Quelqu’un d’autre a remplacé ceci par « {theirs} ».",
    empty: "(vide)",
    keep: "Garder ma valeur",
    take: "Prendre l’autre",
    precondition: "Quelqu’un d’autre a modifié ce contact. Rechargez-le et refaites votre modification.",
    stale: "Quelqu’un d’autre a modifié ce contact pendant votre saisie.",
    waiting: "Impossible de vérifier pour le moment. Patientez un instant.",
    unavailable:
      "Modification impossible pour le moment : une partie de la page n’a pas été chargée.",

    unknown: "Les contacts n’ont pas ce champ.",
    immutable: "Cela ne peut pas être modifié.",
    mismatch: "C’est l’identifiant d’un autre contact.",
    meta: "Cela n’est pas autorisé ici.",
    size: "C’est trop long : {limit} octets au maximum.",
    "size.body": "C’est trop à la fois : {limit} octets au maximum.",
    depth: "Il y a trop de niveaux imbriqués : {limit} au maximum.",
    truncated: "Il y a plus d’erreurs que les {limit} affichées.",
    scope: "Vous n’avez pas le droit de modifier des contacts.",
    media_type: "La page a envoyé les données sous une forme que le serveur ne lit pas.",
    key: "La page a envoyé les données sans clé valable. Réessayez.",

    duplicate: "Le même nom figure ici deux fois.",
    syntax: "Ce n’est pas écrit correctement.",
    "syntax.empty": "Il n’y a rien ici.",
    "syntax.bom": "Il y a un caractère invisible au début. Supprimez-le.",
    "syntax.end": "La fin manque : fermez tous les guillemets et crochets.",
    "syntax.trailing": "Il y a quelque chose après la fin. Supprimez-le.",
    "syntax.value": "Une valeur manque ou est mal écrite.",
    "syntax.name": "Il manque un nom entre guillemets doubles.",
    "syntax.colon": "Il manque deux-points après un nom.",
    "syntax.comma": "Il manque une virgule ou un crochet fermant.",
    "syntax.number": "Un nombre est mal écrit : écrivez-le comme 0, -1 ou 2.5.",
    "syntax.control":
      "Un texte entre guillemets contient un saut de ligne ou une tabulation : écrivez \\n ou \\t.",
    "syntax.escape":
      "Ce qui suit une barre oblique inverse est incorrect. Pour la barre elle-même, écrivez \\\\.",
    "syntax.surrogate": "Un texte contient un demi-caractère. Saisissez-le de nouveau.",
    "syntax.utf8": "Un texte contient un caractère endommagé. Saisissez-le de nouveau.",
  },
};
export default fr;
