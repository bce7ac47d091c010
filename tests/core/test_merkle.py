"""The Merkle tree against the definition of RFC 9162 (2.1), spelled out naively, and published vectors."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims_core.audit import merkle

# The test vectors that Certificate Transparency's own code publishes for RFC 6962: eight entries,
# and the root of the first n of them.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
INCLUSION = {
    (0, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (5, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (1, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
CONSISTENCY = {
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
MOST = 256
LEAVES = [merkle.leaf_hash(str(n).encode()) for n in range(MOST)]


def mth(leaves):
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = max(2**i for i in range(len(leaves).bit_length()) if 2**i < len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    """PATH of RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = max(2**i for i in range(len(leaves).bit_length()) if 2**i < len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, *, whole=True):
    """PROOF and SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = max(2**i for i in range(len(leaves).bit_length()) if 2**i < len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), mth(leaves[:k])]


@pytest.fixture(scope="module")
def hash_of():
    return merkle.levels(LEAVES)


@pytest.fixture(scope="module")
def roots():
    return [mth(LEAVES[:size]) for size in range(MOST + 1)]


def hexed(hashes):
    return tuple(h.hex() for h in hashes)


def test_the_roots_are_those_that_were_published():
    leaves = [merkle.leaf_hash(entry) for entry in ENTRIES]
    for size, expected in ROOTS.items():
        frontier = merkle.Frontier()
        frontier.extend(leaves[:size])

        assert frontier.root().hex() == expected
        assert merkle.root(size, merkle.levels(leaves)).hex() == expected


def test_the_proofs_are_those_that_were_published():
    hash_of = merkle.levels([merkle.leaf_hash(entry) for entry in ENTRIES])

    for (index, size), expected in INCLUSION.items():
        assert hexed(merkle.inclusion(index, size, hash_of)) == expected
    for (old, new), expected in CONSISTENCY.items():
        assert hexed(merkle.consistency(old, new, hash_of)) == expected


def test_every_root_up_to_256_leaves_is_the_definitions_however_the_tree_grew(hash_of, roots):
    grown = merkle.Frontier()
    for size in range(MOST + 1):
        at_once = merkle.Frontier()
        at_once.extend(LEAVES[:size])
        resumed = merkle.Frontier(grown.size, grown.peaks)

        assert grown.root() == at_once.root() == resumed.root() == roots[size]
        assert merkle.root(size, hash_of) == roots[size]
        assert len(grown.peaks) == size.bit_count()
        grown.extend(LEAVES[size : size + 1])


def test_every_inclusion_proof_up_to_256_leaves_is_the_definitions_and_holds(hash_of, roots):
    for size in range(1, MOST + 1):
        for index in range(size):
            proof = merkle.inclusion(index, size, hash_of)

            assert merkle.is_included(LEAVES[index], index, size, proof, roots[size])
            assert len(proof) <= (size - 1).bit_length()
    for size in (*range(1, 40), 127, 128, 129, 255, 256):
        for index in range(size):
            assert merkle.inclusion(index, size, hash_of) == path(index, LEAVES[:size])


def test_every_consistency_proof_up_to_256_leaves_is_the_definitions_and_holds(hash_of, roots):
    for new in range(1, MOST + 1):
        for old in range(1, new + 1):
            proof = merkle.consistency(old, new, hash_of)

            assert merkle.is_consistent(old, new, proof, roots[old], roots[new])
            assert len(proof) <= (new - 1).bit_length() + 1
    for new in (*range(1, 40), 127, 128, 129, 255, 256):
        for old in range(1, new + 1):
            assert merkle.consistency(old, new, hash_of) == subproof(old, LEAVES[:new])


def test_no_inclusion_proof_holds_for_another_leaf_place_size_or_root(hash_of, roots):
    for size in range(1, 34):
        for index in range(size):
            proof = merkle.inclusion(index, size, hash_of)
            for place in range(-1, size + 1):
                if place != index:
                    assert not merkle.is_included(LEAVES[index], place, size, proof, roots[size])
                    other = LEAVES[place] if 0 <= place < size else b"x" * 32
                    assert not merkle.is_included(other, index, size, proof, roots[size])
            assert not merkle.is_included(LEAVES[index], index, size, proof, roots[size - 1])
            assert not merkle.is_included(
                LEAVES[index], index, size, [*proof, b"x" * 32], roots[size]
            )
            if proof:
                assert not merkle.is_included(LEAVES[index], index, size, proof[:-1], roots[size])
                assert not merkle.is_included(LEAVES[index], index, size, proof[1:], roots[size])


def test_no_consistency_proof_holds_for_other_roots_sizes_or_hashes(hash_of, roots):
    for new in range(2, 34):
        for old in range(1, new):
            proof = merkle.consistency(old, new, hash_of)
            assert not merkle.is_consistent(old, new, proof, roots[old - 1], roots[new])
            assert not merkle.is_consistent(old, new, proof, roots[old], roots[new - 1])
            assert not merkle.is_consistent(old, new, [*proof, b"x" * 32], roots[old], roots[new])
            assert not merkle.is_consistent(old, new, proof[:-1], roots[old], roots[new])
            for place in range(len(proof)):
                forged = [*proof[:place], b"x" * 32, *proof[place + 1 :]]
                assert not merkle.is_consistent(old, new, forged, roots[old], roots[new])


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 1), (3, 2), (-1, 2)])
def test_a_tree_without_leaves_proves_nothing(hash_of, old, new):
    with pytest.raises(ValueError, match="cannot be shown"):
        merkle.consistency(old, new, hash_of)
    if (old, new) != (0, 0):
        assert not merkle.is_consistent(old, new, [], merkle.EMPTY, merkle.EMPTY)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (2, 2), (-1, 2)])
def test_a_leaf_that_is_not_there_has_no_proof(hash_of, index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion(index, size, hash_of)


def test_a_frontier_with_too_few_or_too_many_hashes_is_refused():
    with pytest.raises(ValueError, match="has 2 peaks"):
        merkle.Frontier(3, [b"x" * 32])


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70), st.data())
def test_whatever_is_changed_removed_inserted_or_moved_changes_the_root(entries, data):
    leaves = [merkle.leaf_hash(e) for e in entries]
    place = data.draw(st.integers(0, len(leaves) - 1))
    other = merkle.leaf_hash(b"another entry than any")
    attacks = [
        [*leaves[:place], other, *leaves[place + 1 :]],
        [*leaves[:place], *leaves[place + 1 :]],
        [*leaves[:place], other, *leaves[place:]],
    ]
    moved = sorted(leaves)
    if moved != leaves:
        attacks.append(moved)

    for attacked in attacks:
        frontier = merkle.Frontier()
        frontier.extend(attacked)
        assert frontier.root() != mth(leaves)


def test_complete_nodes_are_noted_once_and_are_those_of_the_tree(hash_of):
    noted = {}
    frontier = merkle.Frontier()
    for start in range(0, MOST, 37):
        frontier.extend(
            LEAVES[start : start + 37],
            lambda level, place, top: noted.update({(level, place): top}),
        )

    assert len(noted) == MOST - 1
    assert all(hash_of(*key) == value for key, value in noted.items())
