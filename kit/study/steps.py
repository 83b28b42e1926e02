"""The steps of Daube et al. (2021) beside what this kit does, for the report and for lesson 12."""

STEPS = (
    ("faces", "355 scanned faces; shape and texture modelled apart",
     "the same equation; components from artists' sliders and painted pigments"),
    ("behaviour", "14 people, 4 known identities, 1,800 trials each: choose one of six, rate 1–6",
     "the same task; simulated observers with planted strategies by default, or your own ratings"),
    ("networks", "ResNet-10 at 224 pixels, 2,004 identities; Triplet, ClassID, ClassMulti, AE, viAE, β-VAEs",
     "the same objectives, three networks each; a narrow ResNet-10, 2,004 identities in 22 conditions each, "
     "views and lamps anywhere in their ranges"),
    ("pictures", "224 pixels on a side; how tightly heads are framed we could not find out",
     "64 pixels on a side, each 3.75 mm of the head; a face is some 44 pixels wide"),
    ("pixels", "512 principal components of training images: neutral, of one ancestry, under one lamp, in three views",
     "components of 2,000 training images of all expressions, ancestries, lamps and views: as many as a network's "
     "code has numbers, and twice as many as a system of its own"),
    ("encoding", "ridge, nested cross-validation over 9 blocks, penalty by Kendall's tau (adaptive search)",
     "the same, on a full grid of penalties; banded ridge for joint spaces"),
    ("scores", "tau, R², binned mutual information",
     "the same; the rule for equal bins is ours"),
    ("null", "100 circular shifts, refitted; share of tests above the 95th percentile",
     "the same with fewer shifts and one identity an observer (--full does all)"),
    ("redundancy", "I_ccs of shape-based and network-based predictions about ratings",
     "the same in each fold, less chance: its mean when the weaker prediction is rolled along the trials; "
     "the subtraction is ours"),
    ("decoding", "ridge from embeddings to face coefficients",
     "the same, on 80/10/10 % of all faces"),
    ("re-prediction", "network predictions predicted from shape; weights compared",
     "the same"),
    ("reverse correlation", "robust regression of vertices and pixels on ratings; models with their own choices",
     "robust regression of coefficients, of which vertices are linear; diagnostic by maximum statistic"),
    ("amplification", "template b0 + α b1; people choose α in a further experiment",
     "simulated observers and models choose α by their own rating, within five standard deviations"),
    ("generalisation", "views, age 80, opposite sex; min–max scaled argmax of four identity models",
     "the same tests; models see faces relative to the average of their category in the same view, age and sex: "
     "ours, and a help that no person has"),
    ("contrasts", "Bayesian mixed models, identities nested in participants",
     "t intervals over observers and identities, which are crossed: everybody has the same four"),
)  # fmt: skip
