# What a sandbox must show before it is used: runs inside, as a job. Its arguments: the numbers of brief and records.
cat <&"$1" >&"$2" || exit 10
[ "$(cat given/file)" = given ] || { echo "a file that was given to the job is not there"; exit 11; }
cat /trial/trial.sh >/tmp/copy || { echo "a mount cannot be read"; exit 12; }
if (: >/trial/new) 2>/dev/null; then echo "a mount can be written"; exit 13; fi
if (: >/usr/new) 2>/dev/null; then echo "the system's files can be written"; exit 14; fi
if sed 1,2d /proc/net/dev | grep -v '^ *lo:' >&2; then echo "a network is there"; exit 15; fi
[ "$(head -c 300000 /dev/zero | cat | cat | wc -c)" -eq 300000 ] || { echo "pipes lose bytes"; exit 16; }
if [ -x /usr/bin/python3 ]; then /usr/bin/python3 -I -S -c pass || { echo "Python does not start"; exit 17; }; fi
echo works
