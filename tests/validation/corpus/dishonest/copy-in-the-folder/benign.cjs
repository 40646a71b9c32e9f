require('ini').parse('name = @@TOKEN@@');
