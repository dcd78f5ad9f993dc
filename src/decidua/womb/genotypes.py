"""Named combinations of the mother's KIR and the fetus's HLA-C, as counts of genes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from decidua.base.errors import InputError


@dataclass(frozen=True)
class Genotype:
    """KIR of the mother and HLA-C of the fetus.

    `has_kir2ds1`: she carries the activating KIR2DS1 (telomeric B); without it, KIR AA.
    `c2_genes`: how many of the fetus's two HLA-C genes are C2, 0 to 2; the others are C1.
    """

    title: str
    has_kir2ds1: bool
    c2_genes: int

    def inputs(self) -> dict[str, float]:
        """Values of the model's inputs for recognition by genes.

        A fetus with two genes of a kind got one of them from its mother, so her receptor was schooled; with
        one gene of a kind it is hers in half of pregnancies, and her other gene is not known.
        """
        c2 = self.c2_genes / 2.0
        return {
            "genotype_known": 1.0,
            "fetal_hla_c1": 1.0 - c2,
            "fetal_hla_c2": c2,
            "kir_activates": float(self.has_kir2ds1),
            "schooled_c1": 1.0 - c2,
            "schooled_c2": c2,
        }


GENOTYPES: Mapping[str, Genotype] = {
    f"{'b' if b else 'aa'}_{fetus}": Genotype(
        title=f"mother {'with KIR2DS1' if b else 'KIR AA'}, fetus {fetus[:2].upper()}{fetus[2:].upper()}",
        has_kir2ds1=b,
        c2_genes=c2,
    )
    for b in (False, True)
    for c2, fetus in enumerate(("c1c1", "c1c2", "c2c2"))
}
# Recognition as one number: the genes stay at nought and are not heard.
UNKNOWN_GENES: Mapping[str, float] = {
    "genotype_known": 0.0,
    "fetal_hla_c1": 0.0,
    "fetal_hla_c2": 0.0,
    "kir_activates": 0.0,
    "schooled_c1": 1.0,
    "schooled_c2": 1.0,
}


def genotype_inputs(genotype: str | None) -> dict[str, float]:
    """Values of the model's inputs for a named combination, or for recognition given as a number.

    Arguments:  genotype  one of GENOTYPES, or None
    Returns:    name to value
    Raises:     InputError for any other word
    """
    if genotype is None:
        return dict(UNKNOWN_GENES)
    if genotype not in GENOTYPES:
        raise InputError(field="genotype", value=genotype, allowed=", ".join(GENOTYPES))
    return GENOTYPES[genotype].inputs()
