import unittest

import jwt

KEY = "an ordinary shared secret of length 32+"
WANTED = "https://clearing.example"


def decode(claimed, issuer):
    return jwt.decode(jwt.encode({"iss": claimed}, KEY, algorithm="HS256"), KEY, algorithms=["HS256"], issuer=issuer)


class Issuer(unittest.TestCase):
    def test_a_part_of_the_issuer_is_not_the_issuer(self):
        with self.assertRaises(jwt.InvalidIssuerError):
            decode("clear", WANTED)

    def test_the_issuer_itself_passes(self):
        self.assertEqual(decode(WANTED, WANTED)["iss"], WANTED)

    def test_one_of_several_issuers_passes(self):
        self.assertEqual(decode(WANTED, ["https://other.example", WANTED])["iss"], WANTED)


if __name__ == "__main__":
    unittest.main()
