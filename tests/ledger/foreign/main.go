// Checks our ledger with the Go team's own packages: the signed checkpoints, a leaf, and that the log only grew.
//
// usage: foreign FOLDER, with old.note, new.note, key, leaf, index, record.hashes, tree.hashes (hex, one a line)
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(os.Args[1], name))
	must(err)
	return data
}

func hashes(name string) []tlog.Hash {
	var found []tlog.Hash
	lines := bufio.NewScanner(strings.NewReader(string(read(name))))
	for lines.Scan() {
		raw, err := hex.DecodeString(lines.Text())
		must(err)
		var one tlog.Hash
		copy(one[:], raw)
		found = append(found, one)
	}
	return found
}

func open(name string, known note.Verifiers) (int64, tlog.Hash) {
	opened, err := note.Open(read(name), known)
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return size, root
}

func main() {
	verifier, err := note.NewVerifier(string(read("key")))
	must(err)
	known := note.VerifierList(verifier)
	oldSize, oldRoot := open("old.note", known)
	newSize, newRoot := open("new.note", known)
	index, err := strconv.ParseInt(string(read("index")), 10, 64)
	must(err)
	must(tlog.CheckRecord(hashes("record.hashes"), newSize, newRoot, index, tlog.RecordHash(read("leaf"))))
	must(tlog.CheckTree(hashes("tree.hashes"), newSize, newRoot, oldSize, oldRoot))
	fmt.Println("accepted", oldSize, newSize)
}
