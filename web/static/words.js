// What scripts say, in the language of the page: it stands in the attributes of #words, `data-say-again` for "again".

const words = document.getElementById("words");

export function word(name, variables = {}) {
  const text = words?.dataset[`say${name[0].toUpperCase()}${name.slice(1)}`] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, variable) => variables[variable] ?? whole);
}
