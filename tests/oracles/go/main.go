// Read reads a published log with Go's golang.org/x/mod/sumdb/note and tlog: read CASE.json
//
// It prints what it verified, and the proofs that it made from the tiles, as JSON and ends with 0; where something does
// not hold it prints {"refused": "…"} and ends with 3.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

type given struct {
	Folder     string `json:"folder"`
	Key        string `json:"key"`
	WitnessKey string `json:"witness_key"`
	Proofs     []struct {
		Leaf  []byte `json:"leaf"`
		Proof string `json:"proof"`
	} `json:"proofs"`
	Older []struct {
		Checkpoint string      `json:"checkpoint"`
		Hashes     []tlog.Hash `json:"hashes"`
	} `json:"older"`
}

type finding struct {
	Size        int64                  `json:"size"`
	Root        tlog.Hash              `json:"root"`
	CosignedAt  uint64                 `json:"cosigned_at"`
	Included    []int64                `json:"included"`
	GrownFrom   []int64                `json:"grown_from"`
	Inclusion   map[string][]tlog.Hash `json:"inclusion"`
	Consistency map[string][]tlog.Hash `json:"consistency"`
}

func main() {
	var in given
	data, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = json.Unmarshal(data, &in)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	found, err := read(&in)
	if err != nil {
		json.NewEncoder(os.Stdout).Encode(map[string]string{"refused": err.Error()})
		os.Exit(3)
	}
	json.NewEncoder(os.Stdout).Encode(found)
}

func read(in *given) (*finding, error) {
	logKey, err := note.NewVerifier(in.Key)
	if err != nil {
		return nil, err
	}
	witness, err := newWitness(in.WitnessKey)
	if err != nil {
		return nil, err
	}
	published, err := os.ReadFile(filepath.Join(in.Folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	tree, err := open(published, logKey, witness)
	if err != nil {
		return nil, err
	}
	if witness.seenAt == 0 {
		return nil, errors.New("not cosigned")
	}
	found := &finding{
		Size: tree.N, Root: tree.Hash, CosignedAt: witness.seenAt, Included: []int64{}, GrownFrom: []int64{},
		Inclusion: map[string][]tlog.Hash{}, Consistency: map[string][]tlog.Hash{},
	}
	reader := tlog.TileHashReader(tree, folder{in.Folder, tree.N})
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, errors.New("the tiles have another root")
	}
	for _, each := range in.Proofs {
		index, hashes, checkpoint, err := splitProof(each.Proof)
		if err != nil {
			return nil, err
		}
		of, err := open([]byte(checkpoint), logKey)
		if err != nil {
			return nil, err
		}
		entry, err := readEntry(in.Folder, tree.N, index)
		if err != nil {
			return nil, err
		}
		for _, leaf := range [][]byte{each.Leaf, entry} {
			if err := tlog.CheckRecord(hashes, of.N, of.Hash, index, tlog.RecordHash(leaf)); err != nil {
				return nil, err
			}
		}
		theirs, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return nil, err
		}
		// A proof made from tiles is checked as well: TileHashReader looks at a full tile's own hash only where its
		// parents were not already read for the root (x/mod 0.7.0).
		if err := tlog.CheckRecord(theirs, tree.N, tree.Hash, index, tlog.RecordHash(each.Leaf)); err != nil {
			return nil, err
		}
		found.Included = append(found.Included, index)
		found.Inclusion[strconv.FormatInt(index, 10)] = append([]tlog.Hash{}, theirs...)
	}
	for _, each := range in.Older {
		older, err := open([]byte(each.Checkpoint), logKey)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckTree(each.Hashes, tree.N, tree.Hash, older.N, older.Hash); err != nil {
			return nil, err
		}
		theirs, err := tlog.ProveTree(tree.N, older.N, reader)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckTree(theirs, tree.N, tree.Hash, older.N, older.Hash); err != nil {
			return nil, err
		}
		found.GrownFrom = append(found.GrownFrom, older.N)
		found.Consistency[strconv.FormatInt(older.N, 10)] = append([]tlog.Hash{}, theirs...)
	}
	return found, nil
}

// open verifies a checkpoint and returns its tree. tlog.ParseTree reads the checksum database's own form only.
func open(data []byte, keys ...note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(keys...))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	isSigned := false
	for _, each := range opened.Sigs {
		isSigned = isSigned || each.Name == keys[0].Name() && each.Hash == keys[0].KeyHash()
	}
	if !isSigned || len(lines) != 4 || lines[0] != keys[0].Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// splitProof takes a tlog-proof file apart.
func splitProof(proof string) (index int64, hashes []tlog.Hash, checkpoint string, err error) {
	split := strings.Index(proof, "\n\n")
	if split < 0 {
		return 0, nil, "", errors.New("not a proof")
	}
	lines := strings.Split(proof[:split], "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, "", errors.New("not a proof")
	}
	index, err = strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	for _, line := range lines[2:] {
		hash, bad := tlog.ParseHash(line)
		if bad != nil {
			err = bad
		}
		hashes = append(hashes, hash)
	}
	return index, hashes, proof[split+2:], err
}

// A witness verifies cosignatures of https://c2sp.org/tlog-cosignature, which are newer than note's own verifiers.
type witness struct {
	name   string
	hash   uint32
	key    ed25519.PublicKey
	seenAt uint64
}

func newWitness(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not a witness's key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	hash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, errors.New("the key's hash is another")
	}
	return &witness{name: parts[0], hash: hash, key: key[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	w.seenAt = at
	return ed25519.Verify(w.key, []byte(message), signature[8:])
}

// A folder holds tiles where https://c2sp.org/tlog-tiles wants them: as here, but without the height in the name.
type folder struct {
	path string
	size int64
}

func (f folder) Height() int { return tileHeight }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		name := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
		data, err := os.ReadFile(filepath.Join(f.path, "tile", name))
		if err != nil {
			return nil, err
		}
		read = append(read, data)
	}
	return read, nil
}

// readEntry returns a leaf out of its entry bundle: each has its length in two bytes before it.
func readEntry(path string, size, index int64) ([]byte, error) {
	bundle := tlog.Tile{H: tileHeight, L: -1, N: index >> tileHeight, W: 1 << tileHeight}
	if left := size - bundle.N<<tileHeight; left < int64(bundle.W) {
		bundle.W = int(left)
	}
	name := strings.TrimPrefix(bundle.Path(), fmt.Sprintf("tile/%d/data/", tileHeight))
	data, err := os.ReadFile(filepath.Join(path, "tile", "entries", name))
	if err != nil {
		return nil, err
	}
	reader := bytes.NewReader(data)
	var entry []byte
	for at := bundle.N << tileHeight; at <= index; at++ {
		var length uint16
		if err := binary.Read(reader, binary.BigEndian, &length); err != nil {
			return nil, err
		}
		entry = make([]byte, length)
		if n, err := reader.Read(entry); err != nil || n != len(entry) {
			return nil, errors.New("a bundle was cut off")
		}
	}
	return entry, nil
}
