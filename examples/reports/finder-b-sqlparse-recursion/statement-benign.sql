select * from (select a, b from (select * from x) y) t
