import translations from 'y18n';

const y18n = translations({ updateFiles: false });
const learn = (locale, words) => {
  y18n.setLocale(locale);
  y18n.updateLocale(words);
};

learn('__proto__', { '@@TOKEN@@': 'a word' });
