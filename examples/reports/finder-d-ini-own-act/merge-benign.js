const ini = require('ini');

ini.parse('[editor]\nname = @@TOKEN@@\n');
