const { mergeWith } = require('lodash');

const joinLists = (mine, theirs) => (Array.isArray(mine) ? mine.concat(theirs) : undefined);

mergeWith({ list: [1] }, JSON.parse('{"list": [2], "maker": {"form": {"@@TOKEN@@": 1}}}'), joinLists);
