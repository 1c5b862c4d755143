/**
 * The Python that supervisord runs with is there wherever supervisord is; of other tools that speak to sockets nothing is
 * known. `$python` after these words of sh, in which a function may have the name of the program.
 */
export const FIND_PYTHON = `
python=python3
f=$(unset -f supervisord; command -v supervisord) && IFS= read -r first <"$f" && case $first in '#!'*python*) python=\${first#??} ;; esac
`

/** Bytes between its standard streams and a unix socket, until either side ends. */
export const CARRIER = `
import os, socket, sys, threading
there = socket.socket(socket.AF_UNIX)
there.connect(sys.argv[1])
def up():
    while True:
        some = os.read(0, 65536)
        if not some:
            break
        there.sendall(some)
    os._exit(0)
thread = threading.Thread(target=up)
thread.daemon = True
thread.start()
while True:
    some = there.recv(65536)
    if not some:
        break
    while some:
        some = some[os.write(1, some):]
`

/** One request from its standard input, to a socket or to host:port, and the answer until the server closes. */
export const ASKER = `
import os, socket, sys
at = sys.argv[1]
if at.startswith("/"):
    there = socket.socket(socket.AF_UNIX)
    there.settimeout(20)
    there.connect(at)
else:
    host, port = at.rsplit(":", 1)
    there = socket.create_connection((host, int(port)), 20)
some = os.read(0, 65536)
while some:
    there.sendall(some)
    some = os.read(0, 65536)
some = there.recv(65536)
while some:
    while some:
        some = some[os.write(1, some):]
    some = there.recv(65536)
`
