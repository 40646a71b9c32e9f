// Checks our ledger with the Go team's own packages: the signed checkpoints, a leaf, and that the log only grew.
//
// usage: foreign FOLDER, with old.note, new.note, key, leaf, index, record.hashes, tree.hashes (hex, one a line)
//
//	foreign FOLDER tiles, with key, checkpoint and tile/: every leaf of the published log against its checkpoint
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
	if len(os.Args) > 2 {
		published(known)
		return
	}
	oldSize, oldRoot := open("old.note", known)
	newSize, newRoot := open("new.note", known)
	index, err := strconv.ParseInt(string(read("index")), 10, 64)
	must(err)
	must(tlog.CheckRecord(hashes("record.hashes"), newSize, newRoot, index, tlog.RecordHash(read("leaf"))))
	must(tlog.CheckTree(hashes("tree.hashes"), newSize, newRoot, oldSize, oldRoot))
	fmt.Println("accepted", oldSize, newSize)
}

type tiles struct{}

func (tiles) Height() int                          { return 8 }
func (tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, one := range wanted {
		path := strings.Replace(one.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(os.Args[1], path))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func published(known note.Verifiers) {
	size, root := open("checkpoint", known)
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles{})
	for first := int64(0); first < size; first += 256 {
		width := min(size-first, 256)
		path := strings.Replace(tlog.Tile{H: 8, L: 0, N: first / 256, W: int(width)}.Path(), "tile/8/0/", "tile/entries/", 1)
		bundle := read(path)
		for index := first; index < first+width; index++ {
			if len(bundle) < 2 || len(bundle) < 2+int(bundle[0])<<8+int(bundle[1]) {
				must(fmt.Errorf("the bundle %s is too short", path))
			}
			length := int(bundle[0])<<8 + int(bundle[1])
			kept, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
			must(err)
			if kept[0] != tlog.RecordHash(bundle[2:2+length]) {
				must(fmt.Errorf("leaf %d is not the one in the tree", index))
			}
			bundle = bundle[2+length:]
		}
		if len(bundle) != 0 {
			must(fmt.Errorf("the bundle %s is too long", path))
		}
		proof, err := tlog.ProveRecord(size, first, reader)
		must(err)
		kept, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, first)})
		must(err)
		must(tlog.CheckRecord(proof, size, root, first, kept[0]))
	}
	fmt.Println("accepted", size)
}
